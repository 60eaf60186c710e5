namespace Mnist.Core.Imaging;

/// <summary>Why an image was refused, as far as a program may want to react to it.</summary>
public enum ImageErrorKind
{
    /// <summary>The file is not what the service takes.</summary>
    Invalid,

    /// <summary>There is nothing on the picture.</summary>
    Blank,

    /// <summary>There is something, but it hardly differs from the ground.</summary>
    LowContrast,

    /// <summary>There is more than one digit.</summary>
    SeveralDigits,

    /// <summary>There are more digits than one line may have.</summary>
    TooManyDigits,

    /// <summary>There are digits above one another.</summary>
    SeveralLines,
}

/// <summary>Why an image was refused.</summary>
/// <param name="Kind">For programs.</param>
/// <param name="Message">What was found, what was expected and what to do, for people; it continues a sentence that begins with the image's path.</param>
public sealed record ImageError(ImageErrorKind Kind, string Message);
