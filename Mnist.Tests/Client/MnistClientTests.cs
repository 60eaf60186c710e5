using System.Text;
using System.Text.Json;

namespace Mnist.Tests.Client;

internal sealed class MnistClientTests
{
    [Test]
    public async Task ClassifyAsync_TwoImages_SendsTheSampleRequest()
    {
        string sample = ContractSample.Read("request.json");
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response.json")));
        using var factory = new ClientFactory(server.Address);
        using var document = JsonDocument.Parse(sample);
        byte[][] images = [.. document.RootElement.GetProperty("requests").EnumerateArray().Select(request => request.GetProperty("image").GetBytesFromBase64())];

        await factory.Client.ClassifyAsync(images);

        var request = server.Requests.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Encoding.UTF8.GetString(request.Body), Is.EqualTo(sample));
            Assert.That(request.RequestLine, Is.EqualTo("POST /mnist/classify HTTP/1.1"));
            Assert.That(request.Headers["Content-Type"], Is.EqualTo("application/json"));
        }
    }

    [Test]
    public async Task ClassifyAsync_SampleResponse_ReturnsClassAndProbability()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response.json")));
        using var factory = new ClientFactory(server.Address);

        var answers = await factory.Client.ClassifyAsync([[1], [2]]);

        Assert.That(answers.Select(answer => (answer.Class, answer.Probability)), Is.EqualTo([(7, 0.9998), (2, 0.75)]));
        Assert.That(answers.Select(answer => answer.Probabilities), Is.All.Null);
    }

    [Test]
    public async Task ClassifyAsync_Probabilities_ReturnsTen()
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, ContractSample.Read("response-probabilities.json")));
        using var factory = new ClientFactory(server.Address);

        var answers = await factory.Client.ClassifyAsync([[1], [2]], probabilities: true);

        Assert.That(server.Requests.Single().RequestLine, Is.EqualTo("POST /mnist/classify?probabilities=true HTTP/1.1"));
        Assert.That(answers[1].Probabilities, Is.EqualTo([0.05, 0.05, 0.55, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]));
    }

    [Test]
    public async Task ClassifyAsync_BytesStreamAndFile_SendTheSameImage()
    {
        byte[] image = [8, 1, 2, 3];
        using var folder = new TemporaryFolder();
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        using var factory = new ClientFactory(server.Address);
        using var stream = new MemoryStream([99, .. image]) { Position = 1 };

        int[] classes =
        [
            (await factory.Client.ClassifyAsync(image)).Class,
            (await factory.Client.ClassifyAsync(stream)).Class,
            (await factory.Client.ClassifyAsync(new FileInfo(folder.Write("8.png", image)))).Class,
        ];

        Assert.That(classes, Is.All.EqualTo(8));
        Assert.That(server.Requests.SelectMany(request => request.Images()), Is.All.EqualTo(image));
        Assert.That(stream.CanRead, "the caller's stream stays open");
    }

    [Test]
    public async Task ClassifyAsync_ManyImages_AreSplitAndKeepTheirOrder()
    {
        // The first two requests finish last.
        await using var server = new ScriptedServer(async (request, reply) =>
        {
            await Task.Delay(request.Number < 2 ? 100 : 0);
            await reply.EchoAsync(request);
        });
        using var factory = new ClientFactory(server.Address);
        byte[][] images = [.. Enumerable.Range(0, 200).Select(i => new[] { (byte)(i * 7 % 251) })];

        var answers = await factory.Client.ClassifyAsync(images);

        Assert.That(answers.Select(answer => answer.Class), Is.EqualTo(images.Select(image => image[0] % 10)));
        Assert.That(server.Requests.Select(request => request.Images().Length), Is.EquivalentTo([64, 64, 64, 8]));
    }

    [Test]
    public async Task ClassifyAsync_NoImages_SendsNothing()
    {
        using var factory = new ClientFactory(ScriptedServer.ClosedAddress());

        Assert.That(await factory.Client.ClassifyAsync(Array.Empty<byte[]>()), Is.Empty);
    }

    [TestCase("")]
    [TestCase("prefix")]
    [TestCase("prefix/")]
    [TestCase("a/b")]
    public async Task ClassifyAsync_BaseAddressWithPath_IsKept(string path)
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        using var factory = new ClientFactory(new Uri(server.Address, path));

        await factory.Client.ClassifyAsync([1]);

        Assert.That(server.Requests.Single().RequestLine, Is.EqualTo($"POST {$"/{path}".TrimEnd('/')}/mnist/classify HTTP/1.1"));
    }
}
