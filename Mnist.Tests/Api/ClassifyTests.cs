using System.Text;
using System.Text.Json;
using Mnist.Core.Imaging;
using Mnist.Inference;
using Mnist.Inference.Kernels;

namespace Mnist.Tests.Api;

public sealed class ClassifyTests
{
    [Test]
    public async Task Classify_FullRequest_AnswersEachImageAsTheEngineDoes()
    {
        var server = SharedServer.Server;
        using var response = await server.PostAsync(MnistServer.Body(Enumerable.Range(0, 64).Select(TestDigits.Base64)), $"{MnistServer.Path}?probabilities=true");
        var answers = await ProblemAssert.ResponsesAsync(response);

        Assert.That(answers, Has.Count.EqualTo(64));
        for (int i = 0; i < answers.Count; i++)
        {
            float[] expected = Expected(TestDigits.Pixels(i));
            float[] probabilities = [.. answers[i].GetProperty("probabilities").EnumerateArray().Select(value => value.GetSingle())];
            Assert.That(probabilities, Is.EqualTo(expected));
            Assert.That(answers[i].GetProperty("probability").GetSingle(), Is.EqualTo(expected.Max()));
            Assert.That(answers[i].GetProperty("class").GetInt32(), Is.EqualTo(Array.IndexOf(expected, expected.Max())));
        }
    }

    [Test]
    public async Task Classify_ByACascade_AnswersEachImageAsTheEngineDoesAlone()
    {
        using var folder = new TemporaryFolder();
        string weights = folder.PathOf("cascade.safetensors");
        RandomCascade.OfDigits(threshold: 0.4, temperature: 0.8).Save(weights);
        await using var server = MnistServer.Start(("Mnist:WeightsPath", weights));
        using var response = await server.PostAsync(MnistServer.Body(Enumerable.Range(0, 64).Select(TestDigits.Base64)), $"{MnistServer.Path}?probabilities=true");
        var answers = await ProblemAssert.ResponsesAsync(response);

        Assert.That(
            answers.Select(answer => answer.GetProperty("probabilities").EnumerateArray().Select(value => value.GetSingle())),
            Is.EqualTo(Enumerable.Range(0, 64).Select(i => Expected(TestDigits.Pixels(i), weights))));
    }

    [Test]
    public async Task Classify_WithoutTheSwitch_AnswersClassAndProbabilityOnly()
    {
        using var response = await SharedServer.Server.PostAsync(MnistServer.Body(TestDigits.Base64()));
        var answer = (await ProblemAssert.ResponsesAsync(response)).Single();

        Assert.That(answer.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "class", "probability" }));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        Assert.That(response.Headers.Contains("Server"), Is.False);
    }

    [Test]
    public async Task Classify_TellsTheVersionAndWhereTheTimeWent()
    {
        using var response = await SharedServer.Server.PostAsync(MnistServer.Body(TestDigits.Base64()));
        string timing = response.Headers.GetValues("Server-Timing").Single();

        Assert.That(response.Headers.GetValues("Mnist-Model-Version").Single(), Is.EqualTo(Network.Load(RandomWeights.Path).Sha256[..12]));
        Assert.That(timing, Does.Match(@"^decode;dur=\d+(\.\d+)?, queue;dur=\d+(\.\d+)?, inference;dur=\d+(\.\d+)?$"));
    }

    [TestCase("/mnist/classify")]
    [TestCase("/mnist/classify/")]
    [TestCase("//mnist/classify")]
    [TestCase("//mnist/classify/?probabilities=true")]
    [TestCase("/mnist/classify?other=1")]
    public async Task Classify_OnEveryFormOfThePath_Answers(string path)
    {
        // An absolute address: a relative one that begins with two slashes would name a host.
        using var response = await SharedServer.Server.Client.PostAsync(
            new Uri(SharedServer.Server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path), MnistServer.Json(MnistServer.Body(TestDigits.Base64())));

        Assert.That(await ProblemAssert.ResponsesAsync(response), Has.Count.EqualTo(1));
    }

    [TestCase("application/json")]
    [TestCase("application/json; charset=utf-8")]
    [TestCase("application/json; charset=\"utf-8\"")]
    [TestCase("Application/JSON;charset=UTF-8")]
    public async Task Classify_WithEveryFormOfTheContentType_Answers(string contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(MnistServer.Body(TestDigits.Base64())));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        content.Headers.TryAddWithoutValidation("Content-Encoding", "identity");
        using var response = await SharedServer.Server.Client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), content);

        Assert.That(await ProblemAssert.ResponsesAsync(response), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Classify_ManyClientsAtOnce_EachGetsItsOwnAnswer()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 300), async (i, _) =>
        {
            using var response = await SharedServer.Server.PostAsync(MnistServer.Body(TestDigits.Base64(i), TestDigits.Base64(i + 1)));
            var answers = await ProblemAssert.ResponsesAsync(response);
            Assert.That(answers.Select(answer => answer.GetProperty("probability").GetSingle()),
                Is.EqualTo(new[] { Expected(TestDigits.Pixels(i)).Max(), Expected(TestDigits.Pixels(i + 1)).Max() }));
        });
    }

    [TestCase("live", """{"status":"live"}""")]
    [TestCase("ready", """{"status":"ready","modelVersion":"VERSION"}""")]
    public async Task Health_WhileServing_IsGood(string check, string expected)
    {
        using var get = await SharedServer.Server.Client.GetAsync(new Uri($"/health/{check}", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/health/{check}");
        using var head = await SharedServer.Server.Client.SendAsync(request);

        Assert.That(await get.Content.ReadAsStringAsync(), Is.EqualTo(expected.Replace("VERSION", Network.Load(RandomWeights.Path).Sha256[..12], StringComparison.Ordinal)));
        Assert.That((int)head.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task OpenApiDocument_DescribesTheRequestAndEveryError()
    {
        var document = JsonSerializer.Deserialize<JsonElement>(await SharedServer.Server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
        var classify = document.GetProperty("paths").GetProperty("/mnist/classify").GetProperty("post");
        var requests = classify.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema")
            .GetProperty("properties").GetProperty("requests");
        var responses = classify.GetProperty("responses");

        Assert.That(document.GetProperty("openapi").GetString(), Does.StartWith("3.1"));
        Assert.That(document.GetProperty("paths").EnumerateObject().Select(path => path.Name), Is.EquivalentTo(new[] { "/mnist/classify", "/mnist/read", "/health/live", "/health/ready" }));
        Assert.That(requests.GetProperty("maxItems").GetInt32(), Is.EqualTo(64));
        Assert.That(requests.GetProperty("items").GetProperty("properties").GetProperty("image").GetProperty("format").GetString(), Is.EqualTo("byte"));
        Assert.That(classify.GetProperty("parameters")[0].GetProperty("name").GetString(), Is.EqualTo("probabilities"));
        Assert.That(responses.EnumerateObject().Select(response => response.Name), Is.EquivalentTo(new[] { "200", "400", "401", "408", "413", "415", "422", "429", "500", "503" }));
        Assert.That(responses.GetProperty("503").GetProperty("description").GetString(), Does.Contain("full").And.Contain("draining").And.Contain("deadline-passed"));
        Assert.That(responses.GetProperty("422").GetProperty("content").TryGetProperty("application/problem+json", out _), Is.True);
    }

    private static float[] Expected(byte[] pixels, string? weights = null)
    {
        var network = Network.Load(weights ?? RandomWeights.Path);
        float[] image = new float[DigitImage.PixelCount];
        float[] scores = new float[10];
        InputScale.ToFloat(pixels, image);
        network.Forward(image, 1, network.CreateWorkspace(1), scores);
        Softmax.Rows(scores, 10, scores);
        return scores;
    }
}
