using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mnist.Core;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Lines;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Core.Requests;
using Mnist.Core.Settings;
using Mnist.Inference;
using Mnist.Inference.Model;

namespace Mnist.SystemTests.Fuzzing;

/// <summary>
/// Grammar-based fuzzing of the parsers of untrusted bytes: mutations of the invalid requests of the tests and of the fuzzer's corpus. An input that
/// fails becomes a test case. MNIST_FUZZ_SECONDS is the duration of each test, MNIST_FUZZ_SEED the seed.
/// </summary>
/// <remarks>eng/fuzz.sh is guided by coverage, but checks less of each input.</remarks>
public sealed class FuzzTests
{
    private const int Mebibyte = 1 << 20;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Number("MNIST_FUZZ_SECONDS", 2));

    private static readonly int Seed = Number("MNIST_FUZZ_SEED", 1);

    private static readonly Lazy<BadRequest[]> LazyRequests = new(() => [.. ContractCases.All(MnistServer.Body(TestDigits.Base64())), .. ImageCases.All(KnownDigits.OfRandomWeights(64))]);

    [Test]
    public void ClassifyRequestReader_OnAnyBytes_RejectsOrFindsTheImages()
    {
        var reader = new ClassifyRequestReader(new MnistOptions());
        byte[][] corpus = [.. Corpus("json"), .. LazyRequests.Value.Select(BodyOf)];
        Fuzz(corpus, ["{\"requests\":[", "{\"image\":\"", "\"},", "]}", "\\u0069", "\\ud800", "null", "1e9", "[[[[[[[[", "AA==", "\ufeff"], input =>
        {
            var request = reader.Read(new ReadOnlySequence<byte>(input), RequestKind.Digits, Deadline.After(TimeSpan.FromSeconds(1)), new ValidationErrors());
            var images = Classifier.Decode(request, new byte[request.Files.Count * DigitImage.PixelCount]);
            if (request.Errors.Any)
            {
                return false;
            }

            Assert.That(images, Has.Count.EqualTo(request.Files.Count));
            Assert.That(request.Files, Is.EqualTo(ImagesOf(input)));
            return true;
        });
    }

    [Test]
    public void DigitDecoder_OnAnyBytes_RejectsOrGivesTheSamePixelsTwice()
    {
        byte[][] corpus = [.. Corpus("image"), .. LazyRequests.Value.Select(FirstImageOf).OfType<byte[]>()];
        byte[] first = new byte[DigitImage.PixelCount];
        byte[] second = new byte[DigitImage.PixelCount];
        Fuzz(corpus, ["IHDR", "IDAT", "PLTE", "tRNS", "acTL", "IEND", "GIF89a", "RIFF", "WEBPVP8L", "\0\0\0\u001c"], input =>
        {
            if (PlainPng.TryDecode(input, first) && SkiaDigitDecoder.TryDecode(input, second, out _))
            {
                Assert.That(second, Is.EqualTo(first), "the plain PNG reader and the codec");
            }

            // Different contents before, so that a pixel which is not written differs after.
            first.AsSpan().Clear();
            second.AsSpan().Fill(byte.MaxValue);
            if (!DigitDecoder.TryDecode(input, first, out var error))
            {
                Assert.That(error.Message, Is.Not.Empty);
                return false;
            }

            Assert.That(DigitDecoder.TryDecode(input, second, out _));
            Assert.That(second, Is.EqualTo(first), "uninitialised memory, read as pixels");
            return true;
        });
    }

    [Test]
    public void Photos_OnAnyBytes_AreReadOrRejected() =>
        Fuzz(Corpus("photo"), ["IHDR", "IDAT", "eXIf", "tRNS", "MM\0*", "II*\0", "\0\0\u0003\0", "GIF89a", "RIFF", "VP8 ", "\u0001\u0012\0\u0003"], input =>
        {
            bool normalized = DigitNormalizer.TryNormalize(input, out var digit, out var digitFault);
            bool found = DigitLine.TryFind(input, out var line, out var lineFault);

            Assert.That(normalized ? digit is not null : digitFault!.Message.Length > 0);
            Assert.That(found ? line!.Candidates.Count > 0 : lineFault!.Message.Length > 0);
            Assert.That(found && line!.Cut(line.Pieces.Select(piece => piece.Shape).ToHashSet()).Candidates.Count == 0, Is.False);
            return normalized && found;
        }, mostMemory: 256 * Mebibyte);

    [Test]
    public void WeightsReader_OnAnyBytes_RejectsOrGivesANetworkThatRuns()
    {
        using var folder = new TemporaryFolder();
        byte[][] corpus = Corpus("weights");
        string path = folder.PathOf("fuzzed");
        Fuzz(corpus, ["\"F32\"", "\"shape\":[", "\"data_offsets\":[0,", "__metadata__", "\"dense\"", "4294967296", "-1", "1e308", "\"outputs\":", "\\\"kernel\\\":"], input =>
        {
            File.WriteAllBytes(path, WithHeaderLength(input));
            try
            {
                var loaded = Network.Load(path);
                loaded.Forward(new float[loaded.Input.Size], 1, loaded.CreateWorkspace(1), new float[loaded.ClassCount]);
                return true;
            }
            catch (WeightsException rejected)
            {
                Assert.That(rejected.Message, Does.StartWith(path).And.Not.Contain("\n"));
                return false;
            }
        });
    }

    /// <param name="corpus">The inputs that are mutated.</param>
    /// <param name="words">The words that are inserted.</param>
    /// <param name="isAccepted">Checks one input; true if it was accepted, false if it was rejected.</param>
    /// <param name="mostMemory">Bytes that may be allocated for a rejected input, in addition to four times its length.</param>
    private static void Fuzz(byte[][] corpus, string[] words, Func<byte[], bool> isAccepted, long mostMemory = 2 * Mebibyte)
    {
        var mutator = new Mutator(corpus, [.. words.Select(Encoding.UTF8.GetBytes)], Seed);
        foreach (byte[] known in corpus)
        {
            isAccepted(known);
        }

        var clock = Stopwatch.StartNew();
        int inputs = 0;
        int accepted = 0;
        for (; clock.Elapsed < Duration; inputs++)
        {
            byte[] input = mutator.Next();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (isAccepted(input))
                {
                    accepted++;
                }
                else
                {
                    Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThanOrEqualTo((4 * input.Length) + mostMemory), "memory for a rejected input");
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"{exception}\nInput {inputs} of seed {Seed}: {Convert.ToBase64String(input)}");
            }
        }

        LongRun.Report($"seed {Seed}, {inputs} inputs, {accepted} accepted, the others rejected");
        Assert.That(accepted, Is.Positive, "mutations that are all rejected test only the first check");
    }

    private static byte[][] Corpus(string target) =>
        [.. Directory.EnumerateFiles(Repository.PathOf("Mnist.Fuzzing", "corpus", target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static byte[] BodyOf(BadRequest request) => request.Bytes[(request.Bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..];

    private static byte[]? FirstImageOf(BadRequest request)
    {
        try
        {
            return ImagesOf(BodyOf(request)).FirstOrDefault();
        }
        catch (Exception exception) when (exception is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
        {
            return null;
        }
    }

    /// <summary>The images according to another JSON reader.</summary>
    private static List<byte[]> ImagesOf(byte[] json)
    {
        using var document = JsonDocument.Parse(json.AsMemory(json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? 3 : 0));
        return [.. document.RootElement.GetProperty("requests").EnumerateArray().Select(item => Convert.FromBase64String(item.GetProperty("image").GetString()!))];
    }

    /// <summary>Restores the length of the header in half of the inputs; most would fail at that check alone.</summary>
    private static byte[] WithHeaderLength(byte[] file)
    {
        int end = file.AsSpan().IndexOf("}}"u8);
        if (file.Length % 2 == 0 && end > 8)
        {
            BitConverter.TryWriteBytes(file, (ulong)(end + 2 - 8));
        }

        return file;
    }

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);
}
