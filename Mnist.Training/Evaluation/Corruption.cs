using System.Globalization;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Synthesis;

namespace Mnist.Training.Evaluation;

/// <summary>Makes a corrupted image [28,28] of one [28,28].</summary>
/// <param name="source">The image.</param>
/// <param name="random">The same for the same image and seed.</param>
/// <param name="destination">Receives the other.</param>
public delegate void ImageFilter(ReadOnlySpan<byte> source, Random random, Span<byte> destination);

/// <summary>How a network reads corrupted digits.</summary>
/// <param name="Name">The corruption.</param>
/// <param name="Strength">How much of it, with its unit.</param>
/// <param name="Accuracy">Share of right classes, 0 to 1: the mean over the directions.</param>
/// <param name="WorstAccuracy">Of the worst direction; null where there is only one.</param>
public sealed record CorruptionResult(string Name, string Strength, double Accuracy, double? WorstAccuracy);

/// <summary>Something that happens to digits outside a data set, at one strength.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Strength">How much of it, with its unit.</param>
/// <param name="Variants">Its directions, if it has some.</param>
public sealed record Corruption(string Name, string Strength, IReadOnlyList<ImageFilter> Variants)
{
    /// <summary>
    /// The corruptions by which a network is measured: shifts in eight directions, rotations in two, size, stroke width, noise, blur, contrast.
    /// <see cref="DigitFilters"/> says exactly what each one does.
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

    /// <summary>A copy of digits with one of the <see cref="Variants"/> done to each; the same seed gives the same digits.</summary>
    public DigitDataset Apply(int variant, DigitDataset digits, int seed)
    {
        ArgumentNullException.ThrowIfNull(digits);
        var filter = Variants[variant];
        byte[] images = new byte[digits.Images.Length];
        Parallel.For(0, digits.Count, i =>
            filter(digits.Image(i), new Random(RandomNumbers.Seed(seed, variant, i)), images.AsSpan(i * DigitDataset.PixelCount, DigitDataset.PixelCount)));
        return new DigitDataset(images, digits.Labels);
    }

    /// <summary>Classifies the corrupted digits.</summary>
    /// <param name="network">The network.</param>
    /// <param name="digits">The digits as they were.</param>
    /// <param name="seed">Decides what chance does to them.</param>
    public CorruptionResult Measure(Network network, DigitDataset digits, int seed)
    {
        double[] accuracies = [.. Enumerable.Range(0, Variants.Count).Select(variant =>
            EvaluationResult.FromProbabilities(digits.Labels, BatchClassifier.Classify(network, Apply(variant, digits, seed)).Probabilities()).Accuracy)];
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
