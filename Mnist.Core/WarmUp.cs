using System.Buffers;
using Mnist.Core.Batching;
using Mnist.Core.Contract;

namespace Mnist.Core;

/// <summary>Sends one request all the way before the server says that it is ready: what cannot work fails at start, and the code is compiled.</summary>
public static class WarmUp
{
    /// <summary>A black 28x28 PNG.</summary>
    private static ReadOnlySpan<byte> Body =>
        "{\"requests\":[{\"image\":\"iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAEElEQVR42mNgGAWjYBQQAwADLAAB1wvpfAAAAABJRU5ErkJggg==\"}]}"u8;

    /// <exception cref="InvalidOperationException">The request was not answered as it must be.</exception>
    public static async Task RunAsync(RequestParser parser, DynamicBatcher batcher, CancellationToken cancellationToken)
    {
        var faults = new RequestFaults();
        var request = parser.Parse(new ReadOnlySequence<byte>(Body.ToArray()), normalize: false, faults);
        var images = request is null ? [] : RequestParser.Decode(request, faults);
        if (faults.Any)
        {
            throw new InvalidOperationException($"the warm-up request was refused: {faults.Messages.First().Value[0]}");
        }

        await batcher.ClassifyAsync(images, cancellationToken);
    }
}
