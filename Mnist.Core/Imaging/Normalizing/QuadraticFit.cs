namespace Mnist.Core.Imaging.Normalizing;

/// <summary>Fits a polynomial of second degree in x and y to a plane by least squares: a model of light that falls off over a sheet.</summary>
internal static class QuadraticFit
{
    /// <summary>The values of the polynomial at all pixels of <paramref name="source"/>.</summary>
    public static Plane Of(Plane source)
    {
        double[] columns = Centred(source.Width);
        double[] rows = Centred(source.Height);
        double[] columnSquares = WithoutMean(columns);
        double[] rowSquares = WithoutMean(rows);
        double[] ones = [.. Enumerable.Repeat(1.0, Math.Max(source.Width, source.Height))];

        // On a grid centred at the origin these six terms are orthogonal, so each coefficient is an independent projection.
        (double[] X, double[] Y)[] terms = [(ones, ones), (columns, ones), (ones, rows), (columns, rows), (columnSquares, ones), (ones, rowSquares)];
        var fit = new Plane(source.Width, source.Height);
        foreach (var (x, y) in terms)
        {
            Project(source, x, y, fit);
        }

        return fit;
    }

    /// <summary>Adds the projection of <paramref name="source"/> on the term x times y to <paramref name="fit"/>.</summary>
    private static void Project(Plane source, double[] x, double[] y, Plane fit)
    {
        double product = 0;
        double square = 0;
        for (int row = 0; row < source.Height; row++)
        {
            for (int column = 0; column < source.Width; column++)
            {
                double term = x[column] * y[row];
                product += term * source[column, row];
                square += term * term;
            }
        }

        for (int row = 0; row < source.Height && square > 0; row++)
        {
            for (int column = 0; column < source.Width; column++)
            {
                fit[column, row] += (float)(product / square * x[column] * y[row]);
            }
        }
    }

    private static double[] Centred(int count) => [.. Enumerable.Range(0, count).Select(i => i - ((count - 1) / 2.0))];

    private static double[] WithoutMean(double[] centred)
    {
        double mean = centred.Average(value => value * value);
        return [.. centred.Select(value => (value * value) - mean)];
    }
}
