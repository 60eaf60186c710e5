namespace Mnist.Core.Imaging;

/// <summary>A connected piece of ink, or several that belong together.</summary>
/// <param name="Label">Its number on the map.</param>
/// <param name="Box">What it covers.</param>
/// <param name="Area">Pixels.</param>
internal sealed record InkShape(int Label, PixelBox Box, int Area);

/// <summary>The pixels of ink, divided into shapes.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Labels">[Height, Width]: 0, or the label of the shape that the pixel belongs to.</param>
/// <param name="Shapes">Every shape; the one with label 1 is the first.</param>
internal sealed record InkShapes(int Width, int Height, int[] Labels, IReadOnlyList<InkShape> Shapes)
{
    /// <summary>
    /// Joins the pixels above <paramref name="weak"/> that touch by side or corner, and keeps what reaches <paramref name="strong"/> somewhere
    /// (hysteresis, as in Canny's edge detector): a stroke may fade, and a faint line is none.
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

    /// <summary>The shapes whose pixels come within <paramref name="gap"/> pixels of each other, along both axes, as one.</summary>
    public InkShapes Join(int gap)
    {
        var mask = new Plane(Width, Height);
        for (int i = 0; i < Labels.Length; i++)
        {
            mask.Values[i] = Labels[i] > 0 ? 1 : 0;
        }

        // Two shapes that both grow by half the gap meet.
        var grown = Find(PlaneFilters.Maximum(mask, (gap + 1) / 2), 0, 0);
        int[] labels = new int[Labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = Labels[i] > 0 ? grown.Labels[i] : 0;
        }

        int[] target = new int[Shapes.Count + 1];
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

    public bool TouchesEdge(InkShape shape) =>
        shape.Box.X == 0 || shape.Box.Y == 0 || shape.Box.Right == Width || shape.Box.Bottom == Height;

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
