namespace Mnist.Core.Contract;

/// <summary>The body of a classification request: <c>{"requests":[{"image":"..."}]}</c>.</summary>
/// <param name="Requests">The images.</param>
public sealed record ClassifyRequest(IReadOnlyList<ClassifyRequestItem> Requests)
{
    /// <summary>Images in the body. Where they are too many, <see cref="Requests"/> has the first of them.</summary>
    public int Count { get; init; } = Requests.Count;

    /// <summary>The path under which a fault of one image is reported.</summary>
    public static string ImagePath(int index) => $"requests[{index}].image";
}

/// <summary>One image to classify: the bytes of an image file, base64 on the wire.</summary>
public sealed record ClassifyRequestItem(byte[] Image);
