using Mnist.Core.Imaging;

namespace Mnist.Core.Requests;

/// <summary>The body of a classification response: one entry for each image of the request, in the same order.</summary>
public sealed record ClassifyResponse(IReadOnlyList<ClassifyResponseItem> Responses);

/// <summary>The answer for one image.</summary>
/// <param name="Class">The digit, 0 to 9.</param>
/// <param name="Probability">Its softmax probability, in [0, 1].</param>
/// <param name="Probabilities">The probabilities of the digits 0 to 9, when the request asked for them.</param>
public sealed record ClassifyResponseItem(int Class, float Probability, IReadOnlyList<float>? Probabilities = null)
{
    /// <summary>The 28x28 pixels that the network saw, as a PNG file, when the request asked for it.</summary>
    public byte[]? Preview { get; init; }

    /// <summary>Where they come from, in pixels of the upright original, when the request asked for it.</summary>
    public PixelBox? Box { get; init; }

    /// <summary>Whether the image is a digit at all, when the request asked for it.</summary>
    public bool? Digit { get; init; }

    /// <summary>Why it is not: <c>low_confidence</c> or <c>not_a_digit</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// [28,28]: how much of the class's log-probability is lost where a pixel is hidden, when the request asked for it; negative where the network is
    /// surer without the pixel.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<float>>? Explanation { get; init; }
}
