using System.Globalization;
using System.Text;
using System.Text.Json;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Training.Data;
using Mnist.Training.Evaluation;

namespace Mnist.Tests.Support;

/// <summary>
/// Images with the answers that belong to them, computed by the engine without the server. The answers have all ten probabilities, to the last
/// bit: no two images have the same, so an answer that belongs to another image is found out.
/// </summary>
internal sealed class KnownDigits
{
    private readonly string[] _images;
    private readonly string[] _answers;

    private KnownDigits(Network network, DigitDataset digits)
    {
        float[][] probabilities = [.. BatchClassifier.Classify(network, digits).Probabilities().Chunk(DigitImage.ClassCount)];
        _answers = [.. probabilities.Select(Answer)];
        _images = [.. Enumerable.Range(0, digits.Count).Select(i => $"{{\"image\":\"{Convert.ToBase64String(PngWriter.Encode(digits.Image(i)))}\"}}")];
    }

    public int Count => _images.Length;

    /// <summary>How many of the answers differ from every other.</summary>
    public int DifferentAnswers => _answers.Distinct().Count();

    /// <summary>Random pictures, and what the network of <see cref="RandomWeights"/> sees in them.</summary>
    public static KnownDigits OfRandomWeights(int count) => new(
        Network.Load(RandomWeights.Path), new DigitDataset([.. Enumerable.Range(0, count).SelectMany(TestDigits.Pixels)], new byte[count]));

    /// <summary>MNIST's test digits, and what the network that ships sees in them.</summary>
    public static KnownDigits OfShippedWeights(int count) =>
        new(Network.Load(Repository.PathOf("weights", "mnist.safetensors")), TestData.MnistTest.Slice(0, count));

    /// <summary>The body of a request for these images.</summary>
    public string Body(params IEnumerable<int> digits) => $"{{\"requests\":[{string.Join(',', digits.Select(digit => _images[digit]))}]}}";

    /// <summary>The body of its answer, when the request asked for all probabilities.</summary>
    public string Answer(params IEnumerable<int> digits) => $"{{\"responses\":[{string.Join(',', digits.Select(digit => _answers[digit]))}]}}";

    /// <summary>The whole request, with these headers on top of the needed ones.</summary>
    public byte[] Request(IEnumerable<int> digits, string headers = "")
    {
        string body = Body(digits);
        return Encoding.Latin1.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {MnistServer.Path}?probabilities=true HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}"));
    }

    private static string Answer(float[] probabilities)
    {
        float best = probabilities.Max();
        return $"{{\"class\":{Array.IndexOf(probabilities, best)},\"probability\":{Json(best)},\"probabilities\":[{string.Join(',', probabilities.Select(Json))}]}}";
    }

    private static string Json(float value) => JsonSerializer.Serialize(value);
}
