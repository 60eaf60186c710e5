using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Mnist.Core.Imaging;
using Mnist.Core.Imaging.Decoding;
using Mnist.Core.Imaging.Normalizing;
using Mnist.Core.Requests;
using SkiaSharp;

namespace Mnist.Tests.Api;

/// <summary>The switches <c>normalize</c> and <c>preview</c>.</summary>
public sealed class NormalizeTests
{
    private const string Normalize = $"{MnistServer.Path}?normalize=true";

    private static MnistServer Server => SharedServer.Server;

    [TearDown]
    public Task ServerStillWorksAsync() => Server.AssertStillWorksAsync();

    [Test]
    public async Task Preview_OfPhotos_IsWhatTheNetworkSawAndWhereItWas()
    {
        byte[][] files = [TestPhotos.Stroke, TestPhotos.Draw(new SKRectI(80, 60, 110, 360))];
        using var response = await Server.PostAsync(Body(files), $"{Normalize}&preview=true");
        var answers = await ProblemAssert.ResponsesAsync(response);

        Assert.That(Members(answers[0]), Is.EqualTo(new[] { "class", "probability", "preview", "box" }));
        Assert.That(answers.Select(answer => answer.GetProperty("box").GetRawText()), Is.EqualTo(new[]
        {
            """{"x":300,"y":100,"width":20,"height":160}""", """{"x":80,"y":60,"width":30,"height":300}""",
        }));
        byte[] pixels = new byte[DigitImage.PixelCount];
        for (int i = 0; i < files.Length; i++)
        {
            // The preview itself is an image that the contract takes, and it is read the same.
            Assert.That(DigitNormalizer.TryNormalize(files[i], out var digit, out _));
            byte[] preview = answers[i].GetProperty("preview").GetBytesFromBase64();
            Assert.That(DigitDecoder.TryDecode(preview, pixels, out _));
            Assert.That(pixels, Is.EqualTo(digit!.Pixels.ToArray()));
            using var again = await Server.PostAsync(Body(preview));
            Assert.That((await ProblemAssert.ResponsesAsync(again))[0].GetProperty("probability").GetSingle(), Is.EqualTo(answers[i].GetProperty("probability").GetSingle()));
        }
    }

    [Test]
    public async Task Preview_WithoutNormalize_IsTheImageItself()
    {
        using var response = await Server.PostAsync(MnistServer.Body(TestDigits.Base64(3)), $"{MnistServer.Path}?preview=true");
        var answer = (await ProblemAssert.ResponsesAsync(response)).Single();

        byte[] pixels = new byte[DigitImage.PixelCount];
        Assert.That(DigitDecoder.TryDecode(answer.GetProperty("preview").GetBytesFromBase64(), pixels, out _));
        Assert.That(pixels, Is.EqualTo(TestDigits.Pixels(3)));
        Assert.That(answer.GetProperty("box").GetRawText(), Is.EqualTo("""{"x":0,"y":0,"width":28,"height":28}"""));
    }

    [TestCase("blank-image")]
    [TestCase("low-contrast")]
    [TestCase("several-digits")]
    [TestCase("invalid-image")]
    public async Task Image_WithoutADigit_Is422WithATypeOfItsOwnAndItsIndex(string type)
    {
        byte[] bad = type switch
        {
            "blank-image" => TestPhotos.Draw(),
            "low-contrast" => TestPhotos.Draw(new SKColor(248, 248, 248), new SKRectI(300, 100, 320, 260)),
            "several-digits" => TestPhotos.Draw(new SKRectI(300, 100, 320, 260), new SKRectI(400, 100, 420, 260)),
            _ => [.. PngWriter.Start(100_000, 100_000), .. PngWriter.Data([]), .. PngWriter.End],
        };
        using var response = await Server.PostAsync(Body(TestPhotos.Stroke, bad), Normalize);
        var problem = await ProblemAssert.IsProblemAsync(response, 422, type);

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { "requests[1].image" }));
    }

    [Test]
    public async Task Images_AtFaultForSeveralReasons_AreInvalid()
    {
        using var response = await Server.PostAsync(Body(TestPhotos.Draw(), TestPhotos.Draw(new SKRectI(300, 100, 320, 260), new SKRectI(400, 100, 420, 260))), Normalize);
        var problem = await ProblemAssert.IsProblemAsync(response, 422, "invalid-image");

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { "requests[0].image", "requests[1].image" }));
    }

    [TestCase("normalize")]
    [TestCase("preview")]
    public async Task Switch_WithAnotherValue_Is400(string name)
    {
        using var response = await Server.PostAsync(Body(PngWriter.Encode(TestData.MnistTest.Image(0))), $"{MnistServer.Path}?{name}=1");
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { name }));
    }

    [Test]
    public async Task LongBody_IsLetInForPhotosAlone()
    {
        // Whoever else is busy: this is about length, not about time.
        await using var server = MnistServer.Start(("Mnist:Deadline", "00:01:00"));

        // A PNG may hold any number of bytes that mean nothing.
        byte[] photo = TestPhotos.Stroke;
        byte[] padded = [.. photo[..^12], .. PngWriter.Chunk("tEXt", new byte[4_000_000]), .. photo[^12..]];
        byte[] tooLong = new byte[RequestKind.MaxPhotoBytes + 1];

        using var normalized = await server.PostAsync(Body(padded), Normalize);
        Assert.That(await ProblemAssert.ResponsesAsync(normalized), Has.Count.EqualTo(1));
        using var tooLongFile = await server.PostAsync(Body(tooLong), Normalize);
        await ProblemAssert.IsProblemAsync(tooLongFile, 400, "invalid-request");
        using var refused = await AskFirstAsync(server, Body(padded), MnistServer.Path);
        await ProblemAssert.IsProblemAsync(refused, 413, "body-too-large");
        using var tooLongBody = await AskFirstAsync(server, Body(tooLong, padded), Normalize);
        await ProblemAssert.IsProblemAsync(tooLongBody, 413, "body-too-large");
    }

    [Test]
    public async Task ManyPhotosAtOnce_AllGetTheirAnswer()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 24), async (i, _) =>
        {
            using var response = await Server.PostAsync(Body(TestPhotos.Draw(new SKRectI(100 + (10 * i), 100, 120 + (10 * i), 260))), $"{Normalize}&preview=true");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await ProblemAssert.ResponsesAsync(response))[0].GetProperty("box").GetProperty("x").GetInt32(), Is.EqualTo(100 + (10 * i)));
        });
    }

    [Test]
    public async Task Photos_BeyondTheDeadline_Are503WithoutBeingDecoded()
    {
        const int Photos = 64;
        byte[] large = [.. PngWriter.Start(4000, 3000), .. PngWriter.Data(new byte[3000 * 4001]), .. PngWriter.End];
        using var request = new HttpRequestMessage(HttpMethod.Post, Normalize) { Content = MnistServer.Json(Body([.. Enumerable.Repeat(large, Photos)])) };
        request.Headers.Add("Request-Timeout", "0.1");
        using var first = await Server.Client.PostAsync(Normalize, MnistServer.Json(Body([large])));
        long start = Stopwatch.GetTimestamp();
        using var single = await Server.Client.PostAsync(Normalize, MnistServer.Json(Body([large])));
        var ofOne = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        using var response = await Server.Client.SendAsync(request);

        await ProblemAssert.IsProblemAsync(response, 503, "deadline-passed");
        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(ofOne * (Photos / 2)), "half of the photos, one by one");
    }

    [Test]
    public async Task OpenApiDocument_DescribesTheSwitches()
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await Server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var classify = document.GetProperty("paths").GetProperty("/mnist/classify").GetProperty("post");

        Assert.That(classify.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "probabilities", "normalize", "preview", "reject", "explain" }));
        Assert.That(classify.GetProperty("responses").GetProperty("422").GetProperty("description").GetString(),
            Does.Contain("blank-image").And.Contain("low-contrast").And.Contain("several-digits"));
    }

    /// <summary>Sends the headers, and the body only when the server wants it.</summary>
    private static async Task<HttpResponseMessage> AskFirstAsync(MnistServer server, string body, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = MnistServer.Json(body) };
        request.Headers.ExpectContinue = true;
        return await server.Client.SendAsync(request);
    }

    private static string Body(params byte[][] files) => MnistServer.Body(files.Select(Convert.ToBase64String));

    private static string[] Members(JsonElement answer) => [.. answer.EnumerateObject().Select(member => member.Name)];
}
