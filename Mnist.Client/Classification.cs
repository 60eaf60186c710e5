namespace Mnist.Client;

/// <summary>The classification of one image.</summary>
/// <param name="Class">The predicted digit, 0 to 9.</param>
/// <param name="Probability">The softmax probability of <paramref name="Class"/>, in [0, 1].</param>
/// <param name="Probabilities">
/// The softmax probabilities of the digits 0 to 9, in this order; <see langword="null"/> unless requested by <see cref="ClassifyOptions.Probabilities"/>.
/// </param>
public sealed record Classification(int Class, double Probability, IReadOnlyList<double>? Probabilities = null)
{
    /// <summary>
    /// The 28x28 grey pixels that the network received, as a PNG file; <see langword="null"/> unless requested by <see cref="ClassifyOptions.Preview"/>.
    /// </summary>
    public byte[]? Preview { get; init; }

    /// <summary>
    /// The part of the image that these pixels were made from; <see langword="null"/> unless requested by <see cref="ClassifyOptions.Preview"/>. Always
    /// set for the digits of a <see cref="Reading"/>.
    /// </summary>
    public DigitBox? Box { get; init; }

    /// <summary>Whether the image is a digit; <see langword="null"/> unless requested by <see cref="ClassifyOptions.Reject"/>.</summary>
    public bool? Digit { get; init; }

    /// <summary>Why the image is not a digit: <see cref="LowConfidence"/> or <see cref="NotADigit"/>; <see langword="null"/> for a digit.</summary>
    public string? Reason { get; init; }

    /// <summary><see cref="Reason"/> of an image that may be a digit, but whose largest probability is too low.</summary>
    public const string LowConfidence = "low_confidence";

    /// <summary><see cref="Reason"/> of an image that is not a digit.</summary>
    public const string NotADigit = "not_a_digit";
}

/// <summary>A rectangle in the image, after its orientation tag is applied; (0, 0) is the top left corner.</summary>
/// <param name="X">Left edge, in pixels.</param>
/// <param name="Y">Top edge, in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public readonly record struct DigitBox(int X, int Y, int Width, int Height);
