using System.Text.Json;
using Mnist.Core.Imaging.Lines;
using SkiaSharp;

namespace Mnist.Tests.Api;

/// <summary>Reading lines of digits over HTTP. The weights are random: which digits are read is chance, where they are is not.</summary>
public sealed class ReadTests
{
    private const string Path = "/mnist/read";

    private static MnistServer Server => SharedServer.Server;

    [TearDown]
    public Task ServerStillWorksAsync() => Server.AssertStillWorksAsync();

    [Test]
    public async Task Lines_AreAnsweredInOrderWithTheirDigitsAndPlaces()
    {
        using var response = await Server.PostAsync(Body(Draw(40, 300, 560), TestPhotos.Stroke), Path);
        var answers = await ProblemAssert.ResponsesAsync(response);

        Assert.That(answers[0].EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "text", "probability", "digits" }));
        var digits = answers[0].GetProperty("digits").EnumerateArray().ToList();
        Assert.That(digits[0].EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "class", "probability", "box" }));
        Assert.That(digits.Select(digit => digit.GetProperty("box").GetRawText()), Is.EqualTo(new[]
        {
            """{"x":40,"y":100,"width":12,"height":100}""", """{"x":300,"y":100,"width":12,"height":100}""", """{"x":560,"y":100,"width":12,"height":100}""",
        }));
        Assert.That(answers[0].GetProperty("text").GetString(), Is.EqualTo(string.Concat(digits.Select(digit => digit.GetProperty("class").GetInt32()))));
        Assert.That(
            answers[0].GetProperty("probability").GetDouble(),
            Is.EqualTo(digits.Aggregate(1.0, (product, digit) => product * digit.GetProperty("probability").GetDouble())).Within(1e-6));
        Assert.That(answers[1].GetProperty("digits").GetArrayLength(), Is.EqualTo(1));
        Assert.That(response.Headers.GetValues("Mnist-Model-Version").Single(), Is.Not.Empty);
        Assert.That(response.Headers.GetValues("Server-Timing").Single(), Does.Match("^decode;dur=[0-9.]+, queue;dur=[0-9.]+, inference;dur=[0-9.]+$"));
    }

    [Test]
    public async Task OneDigit_IsReadAsItIsClassified()
    {
        using var read = await Server.PostAsync(Body(TestPhotos.Stroke), Path);
        using var classified = await Server.PostAsync(Body(TestPhotos.Stroke), $"{MnistServer.Path}?normalize=true");
        var digit = (await ProblemAssert.ResponsesAsync(read))[0].GetProperty("digits")[0];
        var expected = (await ProblemAssert.ResponsesAsync(classified))[0];

        Assert.That(digit.GetProperty("class").GetInt32(), Is.EqualTo(expected.GetProperty("class").GetInt32()));
        Assert.That(digit.GetProperty("probability").GetSingle(), Is.EqualTo(expected.GetProperty("probability").GetSingle()));
    }

    [TestCase("blank-image")]
    [TestCase("low-contrast")]
    [TestCase("too-many-digits")]
    [TestCase("several-lines")]
    [TestCase("invalid-image")]
    public async Task Image_WithoutALine_Is422WithATypeOfItsOwnAndItsIndex(string type)
    {
        byte[] bad = type switch
        {
            "blank-image" => TestPhotos.Draw(),
            "low-contrast" => TestPhotos.Draw(new SKColor(248, 248, 248), new SKRectI(300, 100, 320, 260)),
            "too-many-digits" => TestPhotos.Draw([.. Enumerable.Range(0, DigitLine.MaxDigits + 1).Select(i => SKRectI.Create(20 + (18 * i), 200, 5, 30))]),
            "several-lines" => TestPhotos.Draw(new SKRectI(300, 100, 320, 200), new SKRectI(300, 300, 320, 400)),
            _ => [1, 2, 3],
        };
        using var response = await Server.PostAsync(Body(TestPhotos.Stroke, bad), Path);
        var problem = await ProblemAssert.IsProblemAsync(response, 422, type);

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { "requests[1].image" }));
    }

    [TestCase("{", 400, "invalid-request")]
    [TestCase("""{"requests":[]}""", 400, "invalid-request")]
    [TestCase("""{"requests":[{"image":"?"}]}""", 400, "invalid-request")]
    public async Task Body_ThatBreaksTheContract_IsRefusedAsInAClassification(string body, int status, string type)
    {
        using var response = await Server.PostAsync(body, Path);
        await ProblemAssert.IsProblemAsync(response, status, type);
    }

    [Test]
    public async Task Get_Is405() => await ProblemAssert.IsProblemAsync(await Server.Client.GetAsync(new Uri(Path, UriKind.Relative)), 405, "method-not-allowed");

    [Test]
    public async Task Lines_BeyondTheDeadline_Are503()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = MnistServer.Json(Body([.. Enumerable.Repeat(Draw(40, 300, 560), 64)])) };
        request.Headers.Add("Request-Timeout", "0.02");
        using var response = await Server.Client.SendAsync(request);

        await ProblemAssert.IsProblemAsync(response, 503, "deadline-passed");
    }

    [Test]
    public async Task OpenApiDocument_DescribesIt()
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await Server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var read = document.GetProperty("paths").GetProperty(Path).GetProperty("post");

        Assert.That(read.GetProperty("responses").GetProperty("422").GetProperty("description").GetString(), Does.Contain("too-many-digits").And.Contain("several-lines"));
        Assert.That(read.GetProperty("requestBody").GetProperty("description").GetString(), Does.Contain($"{DigitLine.MaxDigits} separate digits"));
        Assert.That(read.TryGetProperty("parameters", out _), Is.False);
    }

    private static byte[] Draw(params int[] columns) => TestPhotos.Draw([.. columns.Select(x => SKRectI.Create(x, 100, 12, 100))]);

    private static string Body(params byte[][] files) => MnistServer.Body(files.Select(Convert.ToBase64String));
}
