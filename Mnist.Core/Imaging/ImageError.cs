namespace Mnist.Core.Imaging;

/// <summary>Why an image was rejected: what a program can react to.</summary>
public enum ImageErrorKind
{
    /// <summary>The file breaks the contract: format, size, colour or damage.</summary>
    Invalid,

    /// <summary>Nothing on the photo stands out from the background.</summary>
    Blank,

    /// <summary>A shape was found, but its contrast to the background is too low.</summary>
    LowContrast,

    /// <summary>The photo shows more than one digit.</summary>
    SeveralDigits,

    /// <summary>The photo shows more digits than a line may have.</summary>
    TooManyDigits,

    /// <summary>The photo shows several lines of digits.</summary>
    SeveralLines,
}

/// <summary>Why an image was rejected.</summary>
/// <param name="Kind">For programs.</param>
/// <param name="Message">For people: what was found, what was expected and what to do. It continues a sentence that begins with the image's path, and never quotes the file.</param>
public sealed record ImageError(ImageErrorKind Kind, string Message)
{
    internal static ImageError Invalid(string message) => new(ImageErrorKind.Invalid, message);
}
