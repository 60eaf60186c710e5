using System.Globalization;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;

namespace Mnist.Training.Evaluation;

/// <summary>Makes a corrupted copy of an image.</summary>
/// <param name="source">[28,28].</param>
/// <param name="random">Seeded for each image.</param>
/// <param name="destination">Receives [28,28].</param>
public delegate void ImageFilter(ReadOnlySpan<byte> source, Random random, Span<byte> destination);

/// <summary>Accuracy on corrupted digits.</summary>
/// <param name="Name">The corruption.</param>
/// <param name="Strength">Its strength with unit.</param>
/// <param name="Accuracy">Share of right classes, 0 to 1, mean over the directions.</param>
/// <param name="WorstAccuracy">Accuracy for the worst direction; null if there is only one.</param>
public sealed record CorruptionResult(string Name, string Strength, double Accuracy, double? WorstAccuracy);

/// <summary>A corruption of one kind and strength.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Strength">Its strength with unit.</param>
/// <param name="Variants">A filter for each direction; a single one if there are no directions.</param>
public sealed record Corruption(string Name, string Strength, IReadOnlyList<ImageFilter> Variants)
{
    /// <summary>
    /// All corruptions that are measured: shifts in eight directions, rotations in two, scale, stroke width, noise, blur, contrast.
    /// <see cref="DigitFilters"/> defines each one.
    /// </summary>
    public static IReadOnlyList<Corruption> All { get; } =
    [
        .. new[] { 1, 2, 3 }.Select(Shift),
        .. new[] { 5, 10, 15, 20, 25 }.Select(Rotation),
        .. new[] { 0.75, 0.8, 0.9, 1.1, 1.2 }.Select(factor => One("scale", $"× {factor}", (source, _, result) => DigitFilters.Move(source, result, scale: factor))),
        .. new[] { 2, 3 }.Select(size => One("thinner stroke", $"{size}x{size} minimum", (source, _, result) => DigitFilters.ChangeStroke(source, result, size, thinner: true))),
        .. new[] { 2, 3 }.Select(size => One("thicker stroke", $"{size}x{size} maximum", (source, _, result) => DigitFilters.ChangeStroke(source, result, size, thinner: false))),
        .. new[] { 16, 32, 64 }.Select(deviation => One("Gaussian noise", $"{deviation} grey levels", (source, random, result) => DigitFilters.AddNoise(source, result, deviation, random))),
        .. new[] { 2, 5, 10 }.Select(percent => One("salt and pepper", $"{percent} % of pixels", (source, random, result) => DigitFilters.AddSaltAndPepper(source, result, percent / 100.0, random))),
        .. new[] { 0.5, 1, 1.5 }.Select(sigma => One("Gaussian blur", $"sigma {sigma} px", (source, _, result) => DigitFilters.Blur(source, result, sigma))),
        .. new[] { 0.75, 0.5, 0.25 }.Select(factor => One("contrast", $"× {factor}", (source, _, result) => DigitFilters.ChangeContrast(source, result, factor))),
    ];

    /// <summary>A copy of the digits with one of the <see cref="Variants"/> applied; the same seed gives the same digits.</summary>
    public DigitDataset Apply(int variant, DigitDataset digits, int seed)
    {
        ArgumentNullException.ThrowIfNull(digits);
        var filter = Variants[variant];
        byte[] images = new byte[digits.Images.Length];
        Parallel.For(0, digits.Count, i =>
            filter(digits.Image(i), new Random(RandomNumbers.Seed(seed, variant, i)), images.AsSpan(i * DigitImage.PixelCount, DigitImage.PixelCount)));
        return new DigitDataset(images, digits.Labels);
    }

    /// <summary>Classifies the corrupted digits.</summary>
    /// <param name="network">The network.</param>
    /// <param name="digits">The clean digits.</param>
    /// <param name="seed">Seed of the random corruptions.</param>
    public CorruptionResult Measure(Network network, DigitDataset digits, int seed)
    {
        double[] accuracies = [.. Enumerable.Range(0, Variants.Count).Select(variant =>
            EvaluationResult.Measure(network, Apply(variant, digits, seed)).Accuracy)];
        return new CorruptionResult(Name, Strength, accuracies.Average(), Variants.Count > 1 ? accuracies.Min() : null);
    }

    private static Corruption One(string name, FormattableString strength, ImageFilter filter) =>
        new(name, strength.ToString(CultureInfo.InvariantCulture), [filter]);

    private static Corruption Shift(int pixels)
    {
        var directions =
            from down in new[] { -pixels, 0, pixels }
            from right in new[] { -pixels, 0, pixels }
            where (right, down) != (0, 0)
            select new ImageFilter((source, _, result) => DigitFilters.Move(source, result, right: right, down: down));
        return new Corruption("shift", $"± {pixels} px", [.. directions]);
    }

    private static Corruption Rotation(int degrees) => new("rotation", $"± {degrees}°",
    [
        (source, _, result) => DigitFilters.Move(source, result, degrees),
        (source, _, result) => DigitFilters.Move(source, result, -degrees),
    ]);
}
