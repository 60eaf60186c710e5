using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Inference.Model;

namespace Mnist.Core.Contract;

/// <summary>The body of a classification response: one entry for each image of the request, in the same order.</summary>
public sealed record ClassifyResponse(IReadOnlyList<ClassifyResponseItem> Responses)
{
    /// <param name="predictions">What the network said; those of <paramref name="images"/> come first.</param>
    /// <param name="images">What the network saw.</param>
    /// <param name="includeProbabilities">Whether to give the scores of all digits.</param>
    /// <param name="includePreviews">Whether to give the images.</param>
    /// <param name="explanation">[28,28]: which pixels decided, where the request, of one image, asked for it.</param>
    public static ClassifyResponse From(
        Predictions predictions, IReadOnlyList<DigitImage> images, bool includeProbabilities, bool includePreviews, float[][]? explanation)
    {
        var responses = new ClassifyResponseItem[images.Count];
        for (int i = 0; i < responses.Length; i++)
        {
            var (digit, probability) = predictions[i];
            var verdict = predictions.OodResults?[i].OodDecision;
            responses[i] = new ClassifyResponseItem(digit, probability, includeProbabilities ? predictions.Probabilities(i).ToArray() : null)
            {
                Preview = includePreviews ? DigitPng.Encode(images[i].Pixels) : null,
                Box = includePreviews ? images[i].Source : null,
                Digit = verdict is null ? null : verdict == OodDecision.Digit,
                Reason = ReasonOf(verdict),
                Explanation = explanation,
            };
        }

        return new ClassifyResponse(responses);
    }

    private static string? ReasonOf(OodDecision? verdict) => verdict switch
    {
        OodDecision.LowConfidence => "low_confidence",
        OodDecision.NotADigit => "not_a_digit",
        _ => null,
    };
}

/// <summary>The answer for one image.</summary>
/// <param name="Class">The digit, 0 to 9.</param>
/// <param name="Probability">The softmax score of that digit, in [0, 1].</param>
/// <param name="Probabilities">The scores of the digits 0 to 9, when the request asked for them.</param>
public sealed record ClassifyResponseItem(int Class, float Probability, IReadOnlyList<float>? Probabilities = null)
{
    /// <summary>The 28x28 pixels that the network saw, as a PNG file, when the request asked for it.</summary>
    public byte[]? Preview { get; init; }

    /// <summary>Where they come from, in pixels of the upright original, when the request asked for it.</summary>
    public PixelBox? Box { get; init; }

    /// <summary>Whether the image is a digit at all, when the request asked for it.</summary>
    public bool? Digit { get; init; }

    /// <summary>Why it is none: <c>low_confidence</c> or <c>not_a_digit</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// [28,28]: how much of the class's log-probability is lost where a pixel is hidden, when the request asked for it; negative where the network is
    /// surer without the pixel.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<float>>? Explanation { get; init; }
}
