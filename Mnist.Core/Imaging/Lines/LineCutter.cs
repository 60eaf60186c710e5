using Mnist.Core.Imaging.Normalizing;

namespace Mnist.Core.Imaging.Lines;

/// <summary>
/// Finds cuts between digits that touch: paths from top to bottom that cross little ink and may lean as the digits do. Each is the cheapest path within
/// its band of columns, found by dynamic programming as in seam carving (Avidan and Shamir, "Seam carving for content-aware image resizing", 2007).
/// </summary>
internal static class LineCutter
{
    /// <summary>The height of a digit in cells of the grid on which paths are searched.</summary>
    private const int CellsHigh = 24;

    /// <summary>The largest distance of a path from the middle of its band, in cells.</summary>
    private const int Reach = 4;

    /// <summary>The cost of moving one cell sideways; crossing a cell of ink costs 1.</summary>
    private const float Aside = 0.1f;

    /// <summary>The largest cost of a cut, in cells of ink: two strokes.</summary>
    private const float MostInk = 14;

    /// <summary>The smallest distance between two paths, and between a path and the ends of the shape, in cells.</summary>
    private const int Apart = 2;

    /// <summary>The smallest width of a shape for each of its cuts, in cells.</summary>
    private const int WidthPerCut = 3;

    /// <summary>Finds the cuts of one shape.</summary>
    /// <param name="ink">The ink of the whole photo.</param>
    /// <param name="line">The line.</param>
    /// <param name="shape">The shape to cut.</param>
    /// <param name="most">The largest number of cuts.</param>
    /// <returns>[cut, row of the shape]: the first column to the right of the cut; cuts from left to right.</returns>
    public static IReadOnlyList<int[]> Find(Plane ink, FoundLine line, InkShape shape, int most)
    {
        double step = Math.Max(1, line.DigitHeight / CellsHigh);
        var cells = Cells(ink, line.Shapes, shape, step, line.Contrast);
        List<(int Middle, int[] Path)> chosen = [];
        foreach (var path in Enumerable.Range(Apart, Math.Max(0, cells.Width - (2 * Apart)))
            .Select(middle => (Middle: middle, Found: Cheapest(cells, middle)))
            .Where(path => path.Found.Cost <= MostInk)
            .OrderBy(path => path.Found.Cost))
        {
            if (chosen.Count < Math.Min(most, cells.Width / WidthPerCut) && chosen.TrueForAll(other => Math.Abs(other.Middle - path.Middle) >= Apart))
            {
                chosen.Add((path.Middle, path.Found.Path));
            }
        }

        return [.. chosen.OrderBy(path => path.Middle).Select(path =>
            Enumerable.Range(0, shape.Box.Height).Select(y => shape.Box.X + (int)Math.Round(path.Path[Math.Min((int)(y / step), cells.Height - 1)] * step)).ToArray())];
    }

    /// <summary>The ink of the shape alone on the grid of cells, 0 to 1.</summary>
    private static Plane Cells(Plane ink, InkShapes shapes, InkShape shape, double step, float contrast)
    {
        var box = shape.Box;
        var alone = new Plane(box.Width, box.Height);
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = 0; x < box.Width; x++)
            {
                var (column, row) = (x + box.X, y + box.Y);
                alone[x, y] = shapes.Labels[(row * shapes.Width) + column] == shape.Label ? Math.Clamp(ink[column, row] / contrast, 0, 1) : 0;
            }
        }

        return Resampling.Crop(alone, 0, 0, step, step, (int)Math.Ceiling(box.Width / step), (int)Math.Ceiling(box.Height / step));
    }

    /// <summary>The cheapest path in the band around a column: the column of each row, in cells.</summary>
    private static (float Cost, int[] Path) Cheapest(Plane cells, int middle)
    {
        int left = Math.Max(0, middle - Reach);
        int width = Math.Min(cells.Width, middle + Reach + 1) - left;
        float[] costs = new float[width];
        float[] next = new float[width];
        int[,] from = new int[cells.Height, width];
        for (int y = 0; y < cells.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int best = x;
                for (int previous = Math.Max(0, x - 1); previous <= Math.Min(width - 1, x + 1); previous++)
                {
                    best = CostOf(previous, x) < CostOf(best, x) ? previous : best;
                }

                from[y, x] = best;
                next[x] = CostOf(best, x) + cells[left + x, y];
            }

            (costs, next) = (next, costs);
        }

        // Ties go to the path that ends nearest to the middle of the band.
        int column = Enumerable.Range(0, width).OrderBy(x => costs[x]).ThenBy(x => Math.Abs(left + x - middle)).First();
        float cost = costs[column];
        int[] path = new int[cells.Height];
        for (int y = cells.Height - 1; y >= 0; y--)
        {
            path[y] = left + column;
            column = from[y, column];
        }

        return (cost, path);

        float CostOf(int previous, int x) => costs[previous] + (previous == x ? 0 : Aside);
    }
}
