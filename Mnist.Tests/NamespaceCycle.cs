namespace Mnist.Tests;

/// <summary>Namespaces that use each other in a circle.</summary>
internal static class NamespaceCycle
{
    /// <summary>Finds a shortest cycle.</summary>
    /// <returns>One use for each arrow of the cycle, in their order; empty if there is no cycle.</returns>
    public static IReadOnlyList<TypeUse> Find(IEnumerable<TypeUse> uses)
    {
        var arrows = uses.Where(use => use.From.Namespace != use.To.Namespace)
            .DistinctBy(use => (use.From.Namespace, use.To.Namespace)).ToLookup(use => use.From.Namespace);
        return arrows.Select(arrow => PathBackTo(arrow.Key, arrows)).Where(path => path.Count > 0).MinBy(path => path.Count) ?? [];
    }

    /// <summary>Breadth first, so the first path that is found is a shortest one.</summary>
    private static List<TypeUse> PathBackTo(string start, ILookup<string, TypeUse> arrows)
    {
        var seen = new HashSet<string>();
        var paths = new Queue<List<TypeUse>>(arrows[start].Select(arrow => new List<TypeUse> { arrow }));
        while (paths.TryDequeue(out var path))
        {
            string end = path[^1].To.Namespace;
            if (end == start)
            {
                return path;
            }

            if (seen.Add(end))
            {
                foreach (var arrow in arrows[end])
                {
                    paths.Enqueue([.. path, arrow]);
                }
            }
        }

        return [];
    }
}
