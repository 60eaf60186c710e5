using System.Buffers;
using Mnist.Core;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Core.Requests;
using Mnist.Core.Settings;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.Fuzzing;

/// <summary>The code that reads untrusted bytes. A target accepts any input, and throws if the code neither accepts nor rejects it.</summary>
internal static class Targets
{
    /// <summary>A request body: JSON, base64, limits and images.</summary>
    public static void Json(byte[] input)
    {
        var request = new ClassifyRequestReader(Service.Options).Read(
            new ReadOnlySequence<byte>(input), RequestKind.Digits, Deadline.After(TimeSpan.FromSeconds(1)), new ValidationErrors());
        var images = Classifier.Decode(request, new byte[request.Files.Count * DigitImage.PixelCount]);
        Require(request.Errors.Any || (images.Count > 0 && images.Count == request.Files.Count), "neither an image for each file nor a validation error");
    }

    /// <summary>An image file. The readers of PNG chunks and plain PNG files are instrumented; the codec is native, and only watched for crashes.</summary>
    public static void Image(byte[] input)
    {
        bool decoded = DigitDecoder.TryDecode(input, new byte[DigitImage.PixelCount], out var error);
        Require(decoded == (error is null) && error?.Message.Length != 0, "both an image and an error, or neither");
    }

    /// <summary>A photo, read as one digit and as a line of digits: header, orientation, pixels, shapes and cuts.</summary>
    public static void Photo(byte[] input)
    {
        bool normalized = DigitNormalizer.TryNormalize(input, out var digit, out var error);
        Require(normalized ? digit is not null : !string.IsNullOrEmpty(error?.Message), "neither a digit nor an error");
        bool found = DigitLine.TryFind(input, out var line, out error);
        Require(found ? line!.Candidates.Count > 0 : !string.IsNullOrEmpty(error?.Message), "neither a line nor an error");
        if (found)
        {
            line = line!.Cut(line.Pieces.Select(piece => piece.Shape).ToHashSet());
            Require(line.Candidates.Count > 0, "no candidates");
        }
    }

    /// <summary>A weights file of a network or a cascade, and one forward pass.</summary>
    public static void Weights(byte[] input)
    {
        string path = Path.Combine(Path.GetTempPath(), $"mnist-fuzz-{Environment.ProcessId}");
        File.WriteAllBytes(path, input);
        try
        {
            var network = Network.Load(path);
            network.Forward(new float[network.Input.Size], 1, network.CreateWorkspace(1), new float[network.ClassCount]);
        }
        catch (WeightsException rejected)
        {
            Require(rejected.Message.StartsWith(path, StringComparison.Ordinal) && !rejected.Message.Contains('\n', StringComparison.Ordinal), "the message is not one line that starts with the path");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }

    /// <summary>Created with the first input, inside the fuzzer's loop.</summary>
    private static class Service
    {
        public static readonly MnistOptions Options = new();
    }
}
