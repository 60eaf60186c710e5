using System.Diagnostics;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Inference;
using Mnist.Inference.Kernels;
using Mnist.LoadTesting.Http;

namespace Mnist.Benchmarks.Http;

/// <summary>The minimum work of a request, in this process: decoding the image files, the forward pass and the softmax.</summary>
internal sealed class DecodeAndForward(Network network, DigitRequests requests)
{
    private readonly Workspace _workspace = network.CreateWorkspace(requests.ImagesPerRequest);
    private readonly float[] _images = new float[requests.ImagesPerRequest * DigitImage.PixelCount];      // [N,28,28,1]
    private readonly float[] _logits = new float[requests.ImagesPerRequest * DigitImage.ClassCount];      // [N,10]
    private readonly float[] _probabilities = new float[requests.ImagesPerRequest * DigitImage.ClassCount];

    /// <summary>Measures requests per second.</summary>
    /// <param name="seconds">Duration of the measurement.</param>
    public double Measure(double seconds)
    {
        long started = Stopwatch.GetTimestamp();
        int count = 0;
        double elapsed;
        do
        {
            Classify(requests.Files[count % requests.Files.Count]);
            count++;
            elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        while (elapsed < seconds);
        return count / elapsed;
    }

    private void Classify(byte[][] files)
    {
        Span<byte> pixels = stackalloc byte[DigitImage.PixelCount];
        for (int i = 0; i < files.Length; i++)
        {
            if (!DigitDecoder.TryDecode(files[i], pixels, out var error))
            {
                throw new InvalidDataException($"a golden digit {error.Message}");
            }

            InputScale.ToFloat(pixels, _images.AsSpan(i * DigitImage.PixelCount, DigitImage.PixelCount));
        }

        network.Forward(_images, files.Length, _workspace, _logits);
        Softmax.Rows(_logits, DigitImage.ClassCount, _probabilities);
    }
}
