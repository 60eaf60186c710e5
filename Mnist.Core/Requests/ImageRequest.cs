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
    /// <summary>Images that were sent; more than <see cref="Files"/> has where they are too many.</summary>
    public int Count { get; init; } = Files.Count;

    /// <summary>What a classification is to give.</summary>
    public ClassifyOptions Options { get; init; }

    /// <summary>Images that the request has in flight at most, itself and those that are derived from it.</summary>
    public int ImagesInFlight => Files.Count == 0 ? 0 : Files.Count + Kind.ExtraImages + (Options.Explain ? Occlusion.PatchCount : 0);

    /// <summary>Whether an error of an image is known already.</summary>
    internal bool HasError(int index) => Errors.Any && (Errors.Contains(ImagePath(index)) || Errors.Contains(ItemPath(index)));

    /// <summary>The path of the object around an image.</summary>
    public static string ItemPath(int index) => $"requests[{index}]";

    /// <summary>The path under which an error of one image is reported.</summary>
    public static string ImagePath(int index) => $"{ItemPath(index)}.image";
}
