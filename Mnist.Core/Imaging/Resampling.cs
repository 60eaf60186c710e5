namespace Mnist.Core.Imaging;

/// <summary>
/// Changes the size of planes. Shrinking averages by exact area overlap (a box filter): each new pixel is the mean of the area that it covers, and partly
/// covered pixels are weighted by their share. Thin strokes survive, and the total amount of ink is preserved. Enlarging is bilinear.
/// </summary>
internal static class Resampling
{
    /// <summary>Shrinks the whole plane to a size that is at most as large on both axes.</summary>
    public static Plane Shrink(Plane source, int width, int height) =>
        width == source.Width && height == source.Height
            ? source
            : Crop(source, 0, 0, (double)source.Width / width, (double)source.Height / height, width, height);

    /// <summary>
    /// Resamples the rectangle whose top left corner is (<paramref name="left"/>, <paramref name="top"/>) to <paramref name="width"/> x
    /// <paramref name="height"/> pixels. Each new pixel covers <paramref name="stepX"/> x <paramref name="stepY"/> source pixels; outside the source, values are 0.
    /// </summary>
    public static Plane Crop(Plane source, double left, double top, double stepX, double stepY, int width, int height)
    {
        var columns = Spans(left, stepX, width, source.Width);
        var rows = Spans(top, stepY, height, source.Height);
        var result = new Plane(width, height);
        float[] line = new float[width];
        for (int y = 0; y < height; y++)
        {
            var destination = result.Row(y);
            var (first, last, _, _) = rows[y];
            for (int sourceY = first; sourceY <= last; sourceY++)
            {
                SumColumns(source.Row(sourceY), columns, line);
                float weight = rows[y].Weight(sourceY);
                for (int x = 0; x < width; x++)
                {
                    destination[x] += weight * line[x];
                }
            }

            for (int x = 0; x < width; x++)
            {
                destination[x] /= (float)(stepX * stepY);
            }
        }

        return result;
    }

    /// <summary>Enlarges the whole plane by bilinear interpolation between pixel centres; the size is at least as large on both axes.</summary>
    public static Plane Enlarge(Plane source, int width, int height)
    {
        if (source.Width == width && source.Height == height)
        {
            return source;
        }

        var result = new Plane(width, height);
        var columns = Enumerable.Range(0, width).Select(x => Neighbours(x, width, source.Width)).ToArray();
        for (int y = 0; y < height; y++)
        {
            var (top, bottom, down) = Neighbours(y, height, source.Height);
            var upper = source.Row(top);
            var lower = source.Row(bottom);
            var destination = result.Row(y);
            for (int x = 0; x < width; x++)
            {
                var (left, right, across) = columns[x];
                float above = upper[left] + (across * (upper[right] - upper[left]));
                float below = lower[left] + (across * (lower[right] - lower[left]));
                destination[x] = above + (down * (below - above));
            }
        }

        return result;
    }

    /// <summary>
    /// Shrinks 8-bit RGBA with red in the lowest byte to [height, width, 4]: the sums of red x alpha, green x alpha, blue x alpha and alpha over the area of
    /// each new pixel. Colours of transparent pixels therefore have no weight.
    /// </summary>
    public static float[] SumRgba(ReadOnlySpan<uint> rgba, int sourceWidth, int sourceHeight, int width, int height)
    {
        var columns = Spans(0, (double)sourceWidth / width, width, sourceWidth);
        var rows = Spans(0, (double)sourceHeight / height, height, sourceHeight);
        float[] sums = new float[width * height * 4];
        for (int y = 0; y < height; y++)
        {
            var destination = sums.AsSpan(y * width * 4, width * 4);
            for (int sourceY = rows[y].First; sourceY <= rows[y].Last; sourceY++)
            {
                AddRgba(rgba.Slice(sourceY * sourceWidth, sourceWidth), columns, rows[y].Weight(sourceY), destination);
            }
        }

        return sums;
    }

    private static (int First, int Second, float Share) Neighbours(int index, int count, int sourceCount)
    {
        double position = Math.Clamp(((index + 0.5) * sourceCount / count) - 0.5, 0, sourceCount - 1);
        int first = (int)position;
        return (first, Math.Min(first + 1, sourceCount - 1), (float)(position - first));
    }

    private static void SumColumns(ReadOnlySpan<float> source, Overlap[] columns, Span<float> sums)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            float sum = 0;
            for (int sourceX = columns[x].First; sourceX <= columns[x].Last; sourceX++)
            {
                sum += columns[x].Weight(sourceX) * source[sourceX];
            }

            sums[x] = sum;
        }
    }

    private static void AddRgba(ReadOnlySpan<uint> row, Overlap[] columns, float rowWeight, Span<float> sums)
    {
        for (int x = 0; x < columns.Length; x++)
        {
            var (first, last, firstWeight, lastWeight) = columns[x];
            var sum = sums.Slice(x * 4, 4);
            AddPixel(row[first], firstWeight * rowWeight, sum);
            if (last > first)
            {
                AddPixel(row[last], lastWeight * rowWeight, sum);
            }

            // Fully covered pixels are summed as integers: each adds at most 255 x 255, and 32 bits hold 66,000 of them. A row of 12.5 million
            // pixels, the longest that is decoded, has 16,300 of them to each of the 768 new pixels.
            uint red = 0, green = 0, blue = 0, alpha = 0;
            for (int sourceX = first + 1; sourceX < last; sourceX++)
            {
                uint pixel = row[sourceX];
                uint opacity = pixel >> 24;
                red += (pixel & 0xFF) * opacity;
                green += ((pixel >> 8) & 0xFF) * opacity;
                blue += ((pixel >> 16) & 0xFF) * opacity;
                alpha += opacity;
            }

            sum[0] += rowWeight * red;
            sum[1] += rowWeight * green;
            sum[2] += rowWeight * blue;
            sum[3] += rowWeight * alpha;
        }
    }

    private static void AddPixel(uint pixel, float weight, Span<float> sum)
    {
        float alpha = weight * (pixel >> 24);
        sum[0] += alpha * (pixel & 0xFF);
        sum[1] += alpha * ((pixel >> 8) & 0xFF);
        sum[2] += alpha * ((pixel >> 16) & 0xFF);
        sum[3] += alpha;
    }

    /// <summary>The source pixels that each of <paramref name="count"/> new pixels overlaps, along one axis.</summary>
    private static Overlap[] Spans(double start, double step, int count, int sourceCount)
    {
        var spans = new Overlap[count];
        for (int i = 0; i < count; i++)
        {
            double from = Math.Max(0, start + (i * step));
            double to = Math.Min(sourceCount, start + ((i + 1) * step));
            int first = (int)from;
            int last = (int)Math.Ceiling(to) - 1;
            spans[i] = last < first || to <= from
                ? new Overlap(0, -1, 0, 0)
                : new Overlap(first, last, (float)(Math.Min(to, first + 1) - from), (float)(to - last));
        }

        return spans;
    }

    /// <summary>Pixels First to Last; only the first and the last may be covered in part, by the given share.</summary>
    private readonly record struct Overlap(int First, int Last, float FirstWeight, float LastWeight)
    {
        public float Weight(int index) => index == First ? FirstWeight : index == Last ? LastWeight : 1;
    }
}
