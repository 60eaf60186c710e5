using System.Text;
using Mnist.Core.Requests;

namespace Mnist.Tests.Api;

/// <summary>The rows of the error table that a client can reach with an HTTP library, each followed by a good request to the same server.</summary>
public sealed class RefusalTests
{
    private static MnistServer Server => SharedServer.Server;

    [TearDown]
    public Task ServerStillWorksAsync() => Server.AssertStillWorksAsync();

    [TestCase("", "$")]
    [TestCase("{", "$")]
    [TestCase("null", "$")]
    [TestCase("{}", "requests")]
    [TestCase("""{"requests":[]}""", "requests")]
    [TestCase("""{"requests":[],"model":1}""", "$", "requests")]
    [TestCase("""{"Requests":[]}""", "requests")]
    [TestCase("""{"requests":"x"}""", "requests")]
    [TestCase("""{"requests":[{"image":null},{"image":1},{},{"image":"","image":""},{"IMAGE":""},[],{"image":"A"},{"image":""}]}""",
        "requests[0].image", "requests[1].image", "requests[2].image", "requests[3].image", "requests[4].image", "requests[5]", "requests[6].image", "requests[7].image")]
    public async Task Contract_Broken_Is400WithEveryFault(string body, params string[] paths)
    {
        using var response = await Server.PostAsync(body);
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(ProblemAssert.Paths(problem), Is.SupersetOf(paths));
    }

    [Test]
    public async Task Contract_FaultsOfEveryKindInOneRequest_AreToldAtOnceAndInOrder()
    {
        string[] images = [.. Enumerable.Repeat(TestDigits.Base64(), 12)];
        images[2] = "A-_A";
        images[10] = Convert.ToBase64String(TestDigits.Png()[..60]);
        images[11] = Convert.ToBase64String(new byte[RequestKind.MaxDigitBytes + 1]);
        using var response = await Server.PostAsync(MnistServer.Body(images), $"{MnistServer.Path}?probabilities=1");
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { "probabilities", "requests[2].image", "requests[10].image", "requests[11].image" }));
    }

    [Test]
    public async Task Contract_TooManyImages_Is400()
    {
        using var response = await Server.PostAsync(MnistServer.Body(Enumerable.Repeat(TestDigits.Base64(), 65)));
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("has 65 images; expected 1 to 64"));
    }

    [TestCase("false")]
    [TestCase("True")]
    [TestCase("")]
    [TestCase("true&probabilities=true")]
    public async Task ProbabilitiesSwitch_WithAnotherValue_Is400(string value)
    {
        using var response = await Server.PostAsync(MnistServer.Body(TestDigits.Base64()), $"{MnistServer.Path}?probabilities={value}");
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(new[] { "probabilities" }));
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("soon")]
    [TestCase("NaN")]
    [TestCase("1e3")]
    [TestCase("1,5")]
    [TestCase("1 ", "2")]
    public async Task RequestTimeout_NotANumberOfSeconds_Is400(params string[] values)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MnistServer.Path) { Content = MnistServer.Json(MnistServer.Body("A")) };
        request.Headers.TryAddWithoutValidation("Request-Timeout", values);
        using var response = await Server.Client.SendAsync(request);
        var problem = await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");

        Assert.That(ProblemAssert.Paths(problem), Is.EquivalentTo(new[] { "requests[0].image", "Request-Timeout" }));
    }

    [Test]
    public async Task Images_ThatCannotBeClassified_Are422WithEveryFault()
    {
        byte[] animation = PngWriter.Chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]);
        byte[] rows = PngWriter.Rows(TestDigits.Pixels(0), 28);
        byte[][] files =
        [
            "no image"u8.ToArray(),
            [0, 0, 28, 28, .. new byte[112]],
            TestDigits.Png()[..^30],
            [.. PngWriter.Start(30, 28), .. PngWriter.Data(rows), .. PngWriter.End],
            PngWriter.File(PngWriter.Grey, 8, rows, animation),
            PngWriter.File(PngWriter.Rgb, 8, PngWriter.Rows([.. Enumerable.Range(0, 28 * 84).Select(i => (byte)i)], 84)),
            [.. PngWriter.Start(100_000, 100_000), .. PngWriter.Data([]), .. PngWriter.End],
        ];
        using var response = await Server.PostAsync(MnistServer.Body([.. files.Select(Convert.ToBase64String), TestDigits.Base64()]));
        var problem = await ProblemAssert.IsProblemAsync(response, 422, "invalid-image");

        Assert.That(ProblemAssert.Paths(problem), Is.EqualTo(Enumerable.Range(0, files.Length).Select(i => $"requests[{i}].image")));
    }

    [Test]
    public async Task Refusal_NeverEchoesContent()
    {
        const string Canary = "CanaryCanaryCanary";
        using var response = await Server.PostAsync($$"""{"{{Canary}}":1,"requests":[{"image":"{{Canary}}"},{"image":"*{{Canary}}"},{"{{Canary}}":"{{Canary}}"}]}""");
        await ProblemAssert.IsProblemAsync(response, 400, "invalid-request");
        using var malformed = await Server.PostAsync($$"""{"requests":{{Canary}}""");

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain(Canary));
        Assert.That(await malformed.Content.ReadAsStringAsync(), Does.Not.Contain(Canary[..4]));
    }

    [TestCase(null)]
    [TestCase("text/plain")]
    [TestCase("application/x-www-form-urlencoded")]
    [TestCase("multipart/form-data; boundary=x")]
    [TestCase("garbage")]
    [TestCase("application/json, text/plain")]
    [TestCase("application/json; charset=")]
    [TestCase("application/json; charset=bogus")]
    [TestCase("application/json; charset=utf-7")]
    [TestCase("application/json; charset=utf-16")]
    [TestCase("application/json; charset=utf-8; charset=latin1")]
    [TestCase("application/json", "gzip")]
    [TestCase("application/json", "identity, br")]
    public async Task MediaType_NotPlainJson_Is415(string? contentType, string? contentEncoding = null)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(MnistServer.Body(TestDigits.Base64())));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        content.Headers.TryAddWithoutValidation("Content-Encoding", contentEncoding);
        using var response = await Server.Client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), content);
        await ProblemAssert.IsProblemAsync(response, 415, "unsupported-media-type");

        Assert.That(response.Headers.GetValues("Accept"), Is.EqualTo(new[] { "application/json" }));
        Assert.That(response.Headers.GetValues("Accept-Encoding"), Is.EqualTo(new[] { "identity" }));
    }

    [TestCase("/")]
    [TestCase("/mnist")]
    [TestCase("/mnist/classify/1")]
    [TestCase("/v2/mnist/classify")]
    [TestCase("/health")]
    [TestCase("/%2e%2e/%2e%2e/etc/passwd")]
    public async Task Path_Unknown_Is404(string path)
    {
        using var response = await Server.PostAsync("{}", path);
        await ProblemAssert.IsProblemAsync(response, 404, "not-found");
    }

    [TestCase("GET", MnistServer.Path, "POST")]
    [TestCase("PUT", MnistServer.Path, "POST")]
    [TestCase("DELETE", MnistServer.Path, "POST")]
    [TestCase("PATCH", MnistServer.Path, "POST")]
    [TestCase("OPTIONS", MnistServer.Path, "POST")]
    [TestCase("TRACE", MnistServer.Path, "POST")]
    [TestCase("BREW", MnistServer.Path, "POST")]
    [TestCase("POST", "/health/live", "GET, HEAD")]
    public async Task Method_Wrong_Is405WithAllow(string method, string path, string allowed)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await Server.Client.SendAsync(request);
        await ProblemAssert.IsProblemAsync(response, 405, "method-not-allowed");

        Assert.That(string.Join(", ", response.Content.Headers.Allow), Is.EqualTo(allowed));
    }

    [Test]
    public async Task Head_OnAWrongPath_HasNoBody()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, MnistServer.Path);
        using var response = await Server.Client.SendAsync(request);

        Assert.That((int)response.StatusCode, Is.EqualTo(405));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task Problem_ForAClientThatAcceptsOnlyHtml_IsStillAProblem()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nothing");
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await Server.Client.SendAsync(request);
        await ProblemAssert.IsProblemAsync(response, 404, "not-found");
    }
}
