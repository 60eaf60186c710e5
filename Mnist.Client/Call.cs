using System.Text.Json.Serialization.Metadata;

namespace Mnist.Client;

/// <summary>A kind of request to the service.</summary>
/// <param name="Path">Path and query, relative to the base address.</param>
/// <param name="TakesPhotos">Whether images may have any size.</param>
/// <param name="Json">How the response is deserialised.</param>
/// <param name="IsValid">Whether the result for one image satisfies the contract.</param>
internal sealed record Call<T>(string Path, bool TakesPhotos, JsonTypeInfo<Responses<T>> Json, Predicate<T> IsValid)
    where T : class
{
    /// <summary>The size limit of one image file.</summary>
    public int MaxImageBytes => TakesPhotos ? MnistClient.MaxPhotoBytes : MnistClient.MaxImageBytes;
}

/// <summary>The calls that the service offers.</summary>
internal static class Call
{
    private const int ClassCount = 10;

    public static Call<Reading> Read { get; } = new("mnist/read", TakesPhotos: true, WireJson.Default.ResponsesReading, IsValid);

    public static Call<Classification> Classify(ClassifyOptions options) =>
        new(options.Path, options.Normalize, WireJson.Default.ResponsesClassification, response => IsValid(response, options));

    private static bool IsValid(Reading response)
        => response.Probability is >= 0 and <= 1
        && response.Digits.All(digit => digit is { Class: >= 0 and < ClassCount, Probability: >= 0 and <= 1, Box: not null })
        && response.Text == string.Concat(response.Digits.Select(digit => (char)('0' + digit.Class)));

    private static bool IsValid(Classification response, ClassifyOptions options)
        => response is { Class: >= 0 and < ClassCount, Probability: >= 0 and <= 1 }
        && (!options.Preview || response is { Preview.Length: > 0, Box: not null })
        && (!options.Reject || response.Digit is not null)
        && (!options.Probabilities || (response.Probabilities?.Count == ClassCount && response.Probabilities.All(probability => probability is >= 0 and <= 1)));
}
