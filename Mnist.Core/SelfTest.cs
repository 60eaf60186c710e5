using System.Text;
using Mnist.Core.Batching;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Inference.Kernels;

namespace Mnist.Core;

/// <summary>
/// Digits whose answer is known, from the MNIST training set. A network that cannot read them is damaged, was trained for something else,
/// or runs on a processor that computes something else: it is never served.
/// </summary>
public static class SelfTest
{
    public const int DigitCount = 20;

    private static readonly Lazy<string[]> LazyDigits = new(ReadDigits);

    /// <summary>PNG files in base64; the one at index i shows the digit i % 10.</summary>
    public static IReadOnlyList<string> Digits => LazyDigits.Value;

    /// <summary>Bodies of classification requests that hold all digits, at most <paramref name="maxImages"/> each.</summary>
    public static IEnumerable<byte[]> RequestBodies(int maxImages) => Digits.Chunk(maxImages).Select(digits =>
        Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', digits.Select(digit => $"{{\"image\":\"{digit}\"}}"))}]}}"));

    /// <summary>How many of the digits <paramref name="forward"/> misreads.</summary>
    public static int CountErrors(BatchForward forward, int maxBatchSize)
    {
        ArgumentNullException.ThrowIfNull(forward);
        int errors = 0;
        int digit = 0;
        foreach (string[] batch in LazyDigits.Value.Chunk(maxBatchSize))
        {
            float[] images = new float[batch.Length * DigitImage.PixelCount];       // [N,28,28,1]
            float[] logits = new float[batch.Length * Predictions.ClassCount];      // [N,10]
            for (int i = 0; i < batch.Length; i++)
            {
                InputScale.ToFloat(Decode(batch[i]), images.AsSpan(i * DigitImage.PixelCount, DigitImage.PixelCount));
            }

            forward(images, batch.Length, logits);
            var predictions = new Predictions(logits);
            for (int i = 0; i < batch.Length; i++, digit++)
            {
                errors += predictions[i].Class == digit % Predictions.ClassCount ? 0 : 1;
            }
        }

        return errors;
    }

    /// <summary>By the codec library: it must be there, though the requests of the warm-up do not need it.</summary>
    private static byte[] Decode(string base64)
    {
        byte[] pixels = new byte[DigitImage.PixelCount];
        return DigitDecoder.FindFaultOrDecode(Convert.FromBase64String(base64), pixels) is { } fault
            ? throw new InvalidOperationException($"a digit of the self-test {fault}")
            : pixels;
    }

    private static string[] ReadDigits()
    {
        using var reader = new StreamReader(typeof(SelfTest).Assembly.GetManifestResourceStream("self-test-digits.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
