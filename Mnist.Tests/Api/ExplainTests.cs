using System.Text.Json;
using Mnist.Core.Imaging;
using Mnist.Core.Models;

namespace Mnist.Tests.Api;

/// <summary>Which pixels decided.</summary>
public sealed class ExplainTests
{
    private const int Side = DigitImage.Width;

    /// <summary>The answer's numbers are 32-bit, and so are the probabilities.</summary>
    private const double Tolerance = 1e-4;

    [Test]
    public async Task Explanation_EqualsOneRequestForEachHiddenSquare()
    {
        await using var server = MnistServer.Start();
        byte[] digit = TestDigits.Pixels(3);
        var whole = await AskAsync(server, digit, "?explain=true&probabilities=true");
        double[][] explanation = [.. whole.GetProperty("explanation").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
        int winner = whole.GetProperty("class").GetInt32();

        double[] lost = new double[Side * Side];
        int[] hidden = new int[Side * Side];
        for (int centre = 0; centre < 14 * 14; centre++)
        {
            var (y, x) = (centre / 14 * 2, centre % 14 * 2);
            int[] pixels = [.. Enumerable.Range(0, Side * Side).Where(i => Math.Abs(i / Side - y) <= 2 && Math.Abs(i % Side - x) <= 2)];
            byte[] copy = [.. digit];
            Array.ForEach(pixels, pixel => copy[pixel] = 0);
            var answer = await AskAsync(server, copy, "?probabilities=true");
            double loss = Math.Log(Probability(whole)) - Math.Log(Probability(answer));
            Array.ForEach(pixels, pixel => (lost[pixel], hidden[pixel]) = (lost[pixel] + loss, hidden[pixel] + 1));
        }

        Assert.That(explanation.SelectMany(row => row), Is.EqualTo(lost.Zip(hidden, (sum, count) => sum / count)).Within(Tolerance));
        Assert.That(lost.Max(Math.Abs), Is.GreaterThan(100 * Tolerance), "nothing to tell apart");

        double Probability(JsonElement answer) => answer.GetProperty("probabilities")[winner].GetDouble();
    }

    [Test]
    public async Task PixelThatAloneMatters_HasTheLargestWeight()
    {
        // The engine says 3 where the pixel at row 9, column 16 is bright, and looks at nothing else.
        await using var server = MnistServer.StartWith((images, count, logits) =>
        {
            for (int i = 0; i < count; i++)
            {
                logits.Slice(i * Predictions.ClassCount, Predictions.ClassCount).Clear();
                logits[i * Predictions.ClassCount + 3] = 5 * images[i * Side * Side + 9 * Side + 16];
            }
        });
        var answer = await AskAsync(server, [.. Enumerable.Repeat(byte.MaxValue, Side * Side)], "?explain=true");
        double[] weights = [.. answer.GetProperty("explanation").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetDouble())];

        Assert.That(answer.GetProperty("class").GetInt32(), Is.EqualTo(3));
        Assert.That(weights[9 * Side + 16], Is.EqualTo(weights.Max()).And.GreaterThan(1));
        Assert.That(weights.Where((_, i) => Math.Abs(i / Side - 9) > 4 || Math.Abs(i % Side - 16) > 4), Is.All.Zero);
    }

    [Test]
    public async Task TwoImages_Are400()
    {
        using var response = await SharedServer.Server.PostAsync(MnistServer.Body(TestDigits.Base64(), TestDigits.Base64()), MnistServer.Path + "?explain=true");

        Assert.That(ProblemAssert.Paths(await ProblemAssert.IsProblemAsync(response, 400, "invalid-request")), Is.EqualTo(new[] { "explain" }));
    }

    [Test]
    public async Task Explanation_CountsAllItsCopies_AndIsRejectedWithoutCapacity()
    {
        bool isStarted = false;
        using var release = new ManualResetEventSlim();
        using var computing = new ManualResetEventSlim();
        await using var server = MnistServer.StartWith(
            (_, count, logits) =>
            {
                logits[..(count * Predictions.ClassCount)].Clear();
                if (Volatile.Read(ref isStarted))
                {
                    computing.Set();
                    release.Wait();
                }
            },
            ("Mnist:MaxImagesInFlight", $"{1 + Occlusion.PatchCount}"), ("Mnist:Deadline", "00:00:20"));
        Volatile.Write(ref isStarted, true);
        var one = server.PostAsync(MnistServer.Body(TestDigits.Base64()));
        computing.Wait();
        using var rejected = await server.PostAsync(MnistServer.Body(TestDigits.Base64()), MnistServer.Path + "?explain=true");
        release.Set();
        using var first = await one;
        using var alone = await server.PostAsync(MnistServer.Body(TestDigits.Base64()), MnistServer.Path + "?explain=true");

        await ProblemAssert.IsProblemAsync(rejected, 503, "full");
        Assert.That((int)alone.StatusCode, Is.EqualTo(200));
    }

    private static async Task<JsonElement> AskAsync(MnistServer server, byte[] pixels, string query)
    {
        using var response = await server.PostAsync(MnistServer.Body(Convert.ToBase64String(PngWriter.Encode(pixels))), MnistServer.Path + query);
        return (await ProblemAssert.ResponsesAsync(response)).Single();
    }
}
