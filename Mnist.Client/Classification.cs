namespace Mnist.Client;

/// <summary>What the network sees in one image.</summary>
/// <param name="Class">The digit, 0 to 9.</param>
/// <param name="Probability">The softmax score of <paramref name="Class"/>, in [0, 1].</param>
/// <param name="Probabilities">The softmax scores of the digits 0 to 9, in this order; <see langword="null"/> unless they were asked for.</param>
public sealed record Classification(int Class, double Probability, IReadOnlyList<double>? Probabilities = null)
{
    /// <summary>The 28x28 pixels that the network saw, as a PNG file; <see langword="null"/> unless it was asked for.</summary>
    public byte[]? Preview { get; init; }

    /// <summary>Where on the image they come from; <see langword="null"/> unless it was asked for.</summary>
    public DigitBox? Box { get; init; }

    /// <summary>Whether the image is a digit at all; <see langword="null"/> unless it was asked for.</summary>
    public bool? Digit { get; init; }

    /// <summary>Why it is none, such as <see cref="LowConfidence"/> or <see cref="NotADigit"/>; <see langword="null"/> for a digit.</summary>
    public string? Reason { get; init; }

    /// <summary>It may be a digit, but the network does not know which one.</summary>
    public const string LowConfidence = "low_confidence";

    /// <summary>It is something else.</summary>
    public const string NotADigit = "not_a_digit";
}

/// <summary>A rectangle in pixels of the image; (0, 0) is the top left corner of the image as people see it, its orientation tag applied.</summary>
public readonly record struct DigitBox(int X, int Y, int Width, int Height);
