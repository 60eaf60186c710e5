using System.Text;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Settings;
using Mnist.Inference.Kernels;

namespace Mnist.Core.Models;

/// <summary>
/// Digits of the MNIST training set with known classes. A network that misclassifies them is damaged, was trained for another task, or runs on a
/// processor that computes wrong results: it is never served.
/// </summary>
public static class SelfTest
{
    public const int DigitCount = MnistOptions.SelfTestDigitCount;

    private static readonly Lazy<string[]> LazyDigits = new(ReadDigits);

    /// <summary>PNG files in base64; the one at index i shows the digit i % 10.</summary>
    public static IReadOnlyList<string> Digits => LazyDigits.Value;

    /// <summary>Bodies of classification requests that hold all digits, at most <paramref name="maxImages"/> each.</summary>
    public static IEnumerable<byte[]> RequestBodies(int maxImages) => Digits.Chunk(maxImages).Select(digits =>
        Encoding.UTF8.GetBytes($"{{\"requests\":[{string.Join(',', digits.Select(digit => $"{{\"image\":\"{digit}\"}}"))}]}}"));

    /// <summary>How many of the digits a worker of the model misclassifies.</summary>
    public static int CountErrors(DigitModel model, int worker, int maxBatchSize)
    {
        ArgumentNullException.ThrowIfNull(model);
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

            model.Classify(worker, images, batch.Length, logits);
            var predictions = new Predictions(logits);
            for (int i = 0; i < batch.Length; i++, digit++)
            {
                errors += predictions[i].Class == digit % Predictions.ClassCount ? 0 : 1;
            }
        }

        return errors;
    }

    /// <summary>Decodes with the codec library, which the requests of the warm-up do not need: it must be there.</summary>
    private static byte[] Decode(string base64)
    {
        byte[] pixels = new byte[DigitImage.PixelCount];
        return SkiaDigitDecoder.TryDecode(Convert.FromBase64String(base64), pixels, out var error)
            ? pixels
            : throw new InvalidOperationException($"a digit of the self-test {error.Message}");
    }

    private static string[] ReadDigits()
    {
        using var reader = new StreamReader(typeof(SelfTest).Assembly.GetManifestResourceStream("self-test-digits.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
