namespace Mnist.Core.Imaging.Normalizing;

/// <summary>A connected component of ink, or several that were joined.</summary>
/// <param name="Label">Its value in <see cref="InkShapes.Labels"/>.</param>
/// <param name="Box">The box around it.</param>
/// <param name="Area">The number of its pixels.</param>
internal sealed record InkShape(int Label, PixelBox Box, int Area);

/// <summary>The ink of a photo, divided into shapes.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Labels">[Height, Width]: the label of the shape that the pixel belongs to; 0 for the background.</param>
/// <param name="Shapes">All shapes, in the order of their labels.</param>
internal sealed record InkShapes(int Width, int Height, int[] Labels, IReadOnlyList<InkShape> Shapes)
{
    /// <summary>The number of pixels of all shapes.</summary>
    public int Area => Shapes.Sum(shape => shape.Area);

    /// <summary>
    /// Labels the connected components (8-connectivity) of the pixels above <paramref name="weak"/> that have at least one pixel above
    /// <paramref name="strong"/>: hysteresis thresholding (Canny, "A computational approach to edge detection", 1986). Strokes may fade; faint structures
    /// are dropped.
    /// </summary>
    public static InkShapes Find(Plane ink, float weak, float strong)
    {
        int[] labels = new int[ink.Values.Length];
        List<InkShape> shapes = [];
        int[] stack = new int[ink.Values.Length];
        for (int seed = 0; seed < labels.Length; seed++)
        {
            if (labels[seed] == 0 && ink.Values[seed] > strong)
            {
                shapes.Add(Fill(ink, weak, seed, shapes.Count + 1, labels, stack));
            }
        }

        return new InkShapes(ink.Width, ink.Height, labels, shapes);
    }

    /// <summary>Joins shapes whose gap is at most about <paramref name="gap"/> pixels along both axes.</summary>
    public InkShapes Join(int gap)
    {
        var mask = new Plane(Width, Height);
        for (int i = 0; i < Labels.Length; i++)
        {
            mask.Values[i] = Labels[i] > 0 ? 1 : 0;
        }

        // Two shapes that both grow by half the gap touch.
        var grown = Find(PlaneFilters.Maximum(mask, (gap + 1) / 2), 0, 0);
        int[] labels = new int[Labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = Labels[i] > 0 ? grown.Labels[i] : 0;
        }

        int[] target = new int[Labels.Max() + 1];
        for (int i = 0; i < labels.Length; i++)
        {
            target[Labels[i]] = labels[i];
        }

        return this with
        {
            Labels = labels,
            Shapes = [.. Shapes.GroupBy(shape => target[shape.Label]).OrderBy(group => group.Key).Select(group =>
                new InkShape(group.Key, group.Select(shape => shape.Box).Aggregate((a, b) => a.Union(b)), group.Sum(shape => shape.Area)))],
        };
    }

    /// <summary>Removes shapes; their pixels become background.</summary>
    public InkShapes Without(IReadOnlyCollection<InkShape> removed)
    {
        var labels = removed.Select(shape => shape.Label).ToHashSet();
        return this with { Labels = Array.ConvertAll(Labels, label => labels.Contains(label) ? 0 : label), Shapes = [.. Shapes.Except(removed)] };
    }

    /// <summary>Whether one shape has ink to the left, to the right, above and below the centre of the other's box.</summary>
    public bool Encloses(InkShape outer, InkShape inner)
    {
        int x = inner.Box.X + (inner.Box.Width / 2);
        int y = inner.Box.Y + (inner.Box.Height / 2);
        var row = Labels.AsSpan(y * Width, Width);
        return row[..x].Contains(outer.Label) && row[x..].Contains(outer.Label)
            && Enumerable.Range(0, y).Any(above => Labels[(above * Width) + x] == outer.Label)
            && Enumerable.Range(y, Height - y).Any(below => Labels[(below * Width) + x] == outer.Label);
    }

    public bool TouchesEdge(InkShape shape) =>
        shape.Box.X == 0 || shape.Box.Y == 0 || shape.Box.Right == Width || shape.Box.Bottom == Height;

    /// <summary>Whether a shape reaches from edge to edge, as a ruled line does. Horizontally, 90 % of the width is enough: a line may fade, and a digit is higher than wide.</summary>
    public bool Crosses(InkShape shape) => shape.Box.Width >= 0.9 * Width || shape.Box.Height == Height;

    /// <summary>Labels one component by a flood fill.</summary>
    /// <param name="ink">The ink.</param>
    /// <param name="weak">Pixels above this value belong to the component.</param>
    /// <param name="seed">The index of its first pixel.</param>
    /// <param name="label">Its label.</param>
    /// <param name="labels">[height, width]: receives the label.</param>
    /// <param name="stack">[height, width]: scratch memory for the pixels to visit.</param>
    private static InkShape Fill(Plane ink, float weak, int seed, int label, int[] labels, int[] stack)
    {
        int count = 0;
        int area = 0;
        var box = new PixelBox(seed % ink.Width, seed / ink.Width, 1, 1);
        stack[count++] = seed;
        labels[seed] = label;
        while (count > 0)
        {
            int pixel = stack[--count];
            int x = pixel % ink.Width;
            int y = pixel / ink.Width;
            area++;
            box = box.Union(new PixelBox(x, y, 1, 1));
            for (int row = Math.Max(0, y - 1); row <= Math.Min(ink.Height - 1, y + 1); row++)
            {
                for (int column = Math.Max(0, x - 1); column <= Math.Min(ink.Width - 1, x + 1); column++)
                {
                    int neighbour = (row * ink.Width) + column;
                    if (labels[neighbour] == 0 && ink.Values[neighbour] > weak)
                    {
                        labels[neighbour] = label;
                        stack[count++] = neighbour;
                    }
                }
            }
        }

        return new InkShape(label, box, area);
    }
}
