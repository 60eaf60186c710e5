using Mnist.Core.Imaging;

namespace Mnist.Core.Requests;

/// <summary>A request for the use cases, whatever wire format it came in.</summary>
/// <param name="Kind">What its images are.</param>
/// <param name="Files">
/// The image files; at most as many as a request may have. An empty one stands for an image that could not be read, whose error is in
/// <paramref name="Errors"/>.
/// </param>
/// <param name="Deadline">How long the answer is worth waiting for.</param>
/// <param name="Errors">What is wrong so far. The use case goes on checking, so that the client is told every error at once.</param>
public sealed record ImageRequest(RequestKind Kind, IReadOnlyList<byte[]> Files, Deadline Deadline, ValidationErrors Errors)
{
    /// <summary>Name of <see cref="Reject"/> in errors.</summary>
    public const string RejectName = "reject";

    /// <summary>Name of <see cref="Explain"/> in errors.</summary>
    public const string ExplainName = "explain";

    /// <summary>Images that were sent; more than <see cref="Files"/> has where they are too many.</summary>
    public int Count { get; init; } = Files.Count;

    /// <summary>Whether a classification is to give the probabilities of all ten digits.</summary>
    public bool Probabilities { get; init; }

    /// <summary>Whether it is to give the 28x28 pixels that the network saw, and where they come from.</summary>
    public bool Preview { get; init; }

    /// <summary>Whether it is to decide if each image is a digit at all (out-of-distribution detection).</summary>
    public bool Reject { get; init; }

    /// <summary>Whether it is to explain how much each pixel contributes to the class; one image a request.</summary>
    public bool Explain { get; init; }

    /// <summary>Images that the request has in flight at most, itself and those that are derived from it.</summary>
    public int ImagesInFlight => Files.Count == 0 ? 0 : Files.Count + Kind.ExtraImages + (Explain ? Occlusion.PatchCount : 0);

    /// <summary>Whether an error of an image is known already.</summary>
    internal bool HasError(int index) => Errors.Any && (Errors.Contains(ImagePath(index)) || Errors.Contains(ItemPath(index)));

    /// <summary>The path of the object around an image.</summary>
    public static string ItemPath(int index) => $"requests[{index}]";

    /// <summary>The path under which an error of one image is reported.</summary>
    public static string ImagePath(int index) => $"{ItemPath(index)}.image";
}
