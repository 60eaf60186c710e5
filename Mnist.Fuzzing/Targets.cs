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

/// <summary>What reads bytes from outside. Each takes any input, and throws when it does anything but accept or refuse it.</summary>
internal static class Targets
{
    /// <summary>A request body: JSON, base64, limits and images.</summary>
    public static void Json(byte[] input)
    {
        var request = new ClassifyRequestReader(Service.Options).Read(
            new ReadOnlySequence<byte>(input), RequestKind.Digits, Deadline.After(TimeSpan.FromSeconds(1)), new ValidationErrors());
        var images = Classifier.Decode(request, new byte[request.Files.Count * DigitImage.PixelCount]);
        Require(request.Errors.Any || images.Count > 0, "neither images nor an error");
    }

    /// <summary>An image file. The framing is instrumented; the codec is native, and only watched for crashes.</summary>
    public static void Image(byte[] input)
    {
        bool decoded = DigitDecoder.TryDecode(input, out var image, out string? fault);
        Require(decoded ? image is not null : !string.IsNullOrEmpty(fault), "neither an image nor a fault");
    }

    /// <summary>A picture of any kind, as one digit and as a line of them: header, orientation, pixels, shapes and cuts.</summary>
    public static void Photo(byte[] input)
    {
        bool normalized = DigitNormalizer.TryNormalize(input, out var digit, out var fault);
        Require(normalized ? digit is not null : !string.IsNullOrEmpty(fault?.Message), "neither a digit nor a fault");
        bool found = DigitLine.TryFind(input, out var line, out fault);
        Require(found ? line!.Candidates.Count > 0 : !string.IsNullOrEmpty(fault?.Message), "neither a line nor a fault");
        if (found)
        {
            line = line!.Cut(line.Pieces.Select(piece => piece.Shape).ToHashSet());
            Require(line.Candidates.Count > 0, "no candidates");
        }
    }

    /// <summary>A weights file, of a network or of a cascade, and one forward pass of what it holds.</summary>
    public static void Weights(byte[] input)
    {
        string path = Path.Combine(Path.GetTempPath(), $"mnist-fuzz-{Environment.ProcessId}");
        File.WriteAllBytes(path, input);
        try
        {
            var network = Network.Load(path);
            network.Forward(new float[network.Input.Size], 1, network.CreateWorkspace(1), new float[network.ClassCount]);
        }
        catch (WeightsException refused)
        {
            Require(refused.Message.StartsWith(path, StringComparison.Ordinal) && !refused.Message.Contains('\n', StringComparison.Ordinal), "not one line with the path");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    /// <summary>Made when the first input is there.</summary>
    private static class Service
    {
        public static readonly MnistOptions Options = new();
    }
}
