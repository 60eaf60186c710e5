namespace Mnist.Core.Imaging.Normalizing;

/// <summary>Filters over square windows, which are clipped at the edges of the plane. The time does not depend on the size of the window.</summary>
internal static class PlaneFilters
{
    /// <summary>The mean over the pixels that are at most <paramref name="radius"/> away on both axes.</summary>
    public static Plane Mean(Plane source, int radius) => Separable(source, line =>
    {
        double sum = 0;
        double[] sums = new double[line.Length + 1];
        for (int i = 0; i < line.Length; i++)
        {
            sums[i + 1] = sum += line[i];
        }

        for (int i = 0; i < line.Length; i++)
        {
            int from = Math.Max(0, i - radius);
            int to = Math.Min(line.Length, i + radius + 1);
            line[i] = (float)((sums[to] - sums[from]) / (to - from));
        }
    });

    /// <summary>The largest value among the pixels that are at most <paramref name="radius"/> away on both axes.</summary>
    public static Plane Maximum(Plane source, int radius) => Separable(source, line => SlideMaximum(line, radius, sign: 1));

    /// <summary>
    /// Morphological closing: removes dark structures narrower than the window of 2 <paramref name="radius"/> + 1 pixels. Of dark writing on paper, the
    /// paper with its shadows remains.
    /// </summary>
    public static Plane Close(Plane source, int radius) =>
        Separable(Maximum(source, radius), line => SlideMaximum(line, radius, sign: -1));

    /// <summary>Morphological opening: removes bright structures narrower than the window of 2 <paramref name="radius"/> + 1 pixels.</summary>
    public static Plane Open(Plane source, int radius) =>
        Maximum(Separable(source, line => SlideMaximum(line, radius, sign: -1)), radius);

    /// <summary>Applies a filter of one dimension to all rows, then to all columns.</summary>
    private static Plane Separable(Plane source, Action<float[]> filter)
    {
        var result = new Plane(source.Width, source.Height);
        float[] row = new float[source.Width];
        for (int y = 0; y < source.Height; y++)
        {
            source.Row(y).CopyTo(row);
            filter(row);
            row.CopyTo(result.Row(y));
        }

        float[] column = new float[source.Height];
        for (int x = 0; x < source.Width; x++)
        {
            for (int y = 0; y < column.Length; y++)
            {
                column[y] = result[x, y];
            }

            filter(column);
            for (int y = 0; y < column.Length; y++)
            {
                result[x, y] = column[y];
            }
        }

        return result;
    }

    /// <summary>The running maximum of the values times <paramref name="sign"/> (-1 gives the minimum), with a monotonic queue: the indices that can still become the maximum.</summary>
    private static void SlideMaximum(float[] line, int radius, float sign)
    {
        int[] queue = new int[line.Length];
        float[] values = [.. line];
        int head = 0;
        int tail = 0;
        for (int i = 0; i < line.Length + radius; i++)
        {
            if (i < line.Length)
            {
                while (tail > head && sign * values[queue[tail - 1]] <= sign * values[i])
                {
                    tail--;
                }

                queue[tail++] = i;
            }

            int centre = i - radius;
            if (centre >= 0)
            {
                while (queue[head] < centre - radius)
                {
                    head++;
                }

                line[centre] = values[queue[head]];
            }
        }
    }
}
