using System.Buffers;
using System.Text;
using Mnist.Core.Batching;
using Mnist.Core.Contract;

namespace Mnist.Core;

/// <summary>Sends the digits of the self-test all the way before the server says that it is ready: what cannot work fails at start, and the code is compiled.</summary>
public static class WarmUp
{
    /// <exception cref="InvalidOperationException">A request was not answered as it must be.</exception>
    public static async Task RunAsync(MnistOptions options, RequestParser parser, DynamicBatcher batcher, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parser);
        ArgumentNullException.ThrowIfNull(batcher);
        foreach (string[] digits in SelfTest.Digits.Chunk(options.MaxImagesPerRequest))
        {
            string body = $"{{\"requests\":[{string.Join(',', digits.Select(digit => $"{{\"image\":\"{digit}\"}}"))}]}}";
            var faults = new RequestFaults();
            var request = parser.Parse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), normalize: false, faults);
            var images = request is null ? [] : RequestParser.Decode(request, faults);
            if (faults.Any)
            {
                throw new InvalidOperationException($"the warm-up request was refused: {faults.Messages.First().Value[0]}");
            }

            await batcher.ClassifyAsync(images, reject: true, options.StallTimeout, cancellationToken);
        }
    }
}
