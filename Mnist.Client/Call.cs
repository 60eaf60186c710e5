using System.Text.Json.Serialization.Metadata;

namespace Mnist.Client;

/// <summary>What can be asked of the service about images.</summary>
/// <param name="Path">Relative to the base address, with its query.</param>
/// <param name="TakesPhotos">Whether images may be of any size.</param>
/// <param name="Json">The form of the answer.</param>
/// <param name="IsPossible">Whether an answer to one image is one that the service may give.</param>
internal sealed record Call<T>(string Path, bool TakesPhotos, JsonTypeInfo<Responses<T>> Json, Predicate<T> IsPossible)
    where T : class
{
    public int MaxImageBytes => TakesPhotos ? MnistClient.MaxPhotoBytes : MnistClient.MaxImageBytes;
}

/// <summary>The calls that there are.</summary>
internal static class Call
{
    private const int ClassCount = 10;

    public static Call<Reading> Read { get; } = new("mnist/read", TakesPhotos: true, WireJson.Default.ResponsesReading, IsPossible);

    public static Call<Classification> Classify(ClassifyOptions options) =>
        new(options.Path, options.Normalize, WireJson.Default.ResponsesClassification, response => IsPossible(response, options));

    private static bool IsPossible(Reading response)
        => response.Probability is >= 0 and <= 1
        && response.Digits.All(digit => digit is { Class: >= 0 and < ClassCount, Probability: >= 0 and <= 1, Box: not null })
        && response.Text == string.Concat(response.Digits.Select(digit => (char)('0' + digit.Class)));

    private static bool IsPossible(Classification response, ClassifyOptions options)
        => response is { Class: >= 0 and < ClassCount, Probability: >= 0 and <= 1 }
        && (!options.Preview || response is { Preview.Length: > 0, Box: not null })
        && (!options.Reject || response.Digit is not null)
        && (!options.Probabilities || (response.Probabilities?.Count == ClassCount && response.Probabilities.All(probability => probability is >= 0 and <= 1)));
}
