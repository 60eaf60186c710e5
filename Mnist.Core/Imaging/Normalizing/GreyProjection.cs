using Mnist.Core.Imaging.Decoding;

namespace Mnist.Core.Imaging.Normalizing;

/// <summary>
/// Projects colours to grey along the direction in colour space that varies most at edges: the principal eigenvector of the colour gradient's structure
/// tensor (Di Zenzo, "A note on the gradient of a multi-image", 1986). Yellow on white, and red on green of the same brightness, stay visible. A grey photo
/// keeps its values.
/// </summary>
internal static class GreyProjection
{
    /// <summary>Gradients are differences between pixels that are 1/128 of the longer side apart: wide enough for the edges of strokes out of focus.</summary>
    private const int LagShare = 128;

    private const int PowerIterations = 32;

    public static Plane Project(Photo photo)
    {
        var (red, green, blue) = Direction(photo);

        // A difference of one level in all three channels becomes one level of the result.
        float scale = (float)(1 / Math.Sqrt(3));
        var grey = new Plane(photo.Red.Width, photo.Red.Height);
        for (int i = 0; i < grey.Values.Length; i++)
        {
            grey.Values[i] = scale * ((red * photo.Red.Values[i]) + (green * photo.Green.Values[i]) + (blue * photo.Blue.Values[i]));
        }

        return grey;
    }

    /// <summary>The principal eigenvector of the tensor, by power iteration; its sign is arbitrary.</summary>
    private static (float Red, float Green, float Blue) Direction(Photo photo)
    {
        double[,] tensor = Tensor(photo);

        // The column with the largest diagonal element is never orthogonal to the principal eigenvector.
        int column = tensor[0, 0] >= tensor[1, 1] && tensor[0, 0] >= tensor[2, 2] ? 0 : tensor[1, 1] >= tensor[2, 2] ? 1 : 2;
        double[] direction = Normalize([tensor[0, column], tensor[1, column], tensor[2, column]]);
        for (int iteration = 0; iteration < PowerIterations; iteration++)
        {
            direction = Normalize([.. Enumerable.Range(0, 3).Select(row =>
                (tensor[row, 0] * direction[0]) + (tensor[row, 1] * direction[1]) + (tensor[row, 2] * direction[2]))]);
        }

        return ((float)direction[0], (float)direction[1], (float)direction[2]);
    }

    private static double[] Normalize(double[] vector)
    {
        double length = Math.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => length > 0 ? value / length : 1 / Math.Sqrt(3))];
    }

    /// <summary>The structure tensor: the sum of the outer products of the colour differences to the right and downwards.</summary>
    private static double[,] Tensor(Photo photo)
    {
        double rr = 0, gg = 0, bb = 0, rg = 0, rb = 0, gb = 0;
        var (red, green, blue, _, _) = photo;
        int lag = Math.Max(1, Math.Max(red.Width, red.Height) / LagShare);
        int step = (lag + 1) / 2;
        for (int y = 0; y < red.Height; y += step)
        {
            for (int x = 0; x < red.Width; x += step)
            {
                if (x + lag < red.Width)
                {
                    Add(red[x + lag, y] - red[x, y], green[x + lag, y] - green[x, y], blue[x + lag, y] - blue[x, y]);
                }

                if (y + lag < red.Height)
                {
                    Add(red[x, y + lag] - red[x, y], green[x, y + lag] - green[x, y], blue[x, y + lag] - blue[x, y]);
                }
            }
        }

        return new[,] { { rr, rg, rb }, { rg, gg, gb }, { rb, gb, bb } };

        void Add(float r, float g, float b)
        {
            rr += r * r;
            gg += g * g;
            bb += b * b;
            rg += r * g;
            rb += r * b;
            gb += g * b;
        }
    }
}
