using System.Net;
using System.Text;
using Mnist.Client;

namespace Mnist.Tests.Client;

/// <summary>Failures that are not retried: rejections and invalid responses.</summary>
internal sealed class MnistClientFailureTests
{
    [Test]
    public async Task ClassifyAsync_ImagesRejected_ReportsTheProblemDetails()
    {
        var failure = await FailureAsync((_, reply) => reply.JsonAsync(422, ContractSample.Read("problem-invalid-image.json")), [[1], [2], [3], [4]]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
            Assert.That(failure.ProblemType, Is.EqualTo("urn:mnist:problem:invalid-image"));
            Assert.That(failure.Title, Is.EqualTo("An image cannot be classified"));
            Assert.That(failure.Detail, Is.EqualTo("2 errors were found, and nothing was classified; 'errors' lists them."));
            Assert.That(failure.TraceId, Is.EqualTo("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
            Assert.That(failure.Errors.Keys, Is.EquivalentTo(["requests[1].image", "requests[3].image"]));
            Assert.That(failure.ImageErrors[3], Is.EqualTo(["is a truncated PNG file: its pixel data ends early; send the whole file."]));
            Assert.That(failure.Message, Does.EndWith(
                "/mnist/classify answered 422 Scripted. An image cannot be classified. requests[1].image: is 27x28 pixels; expected 28x28. Scale it, or use 'normalize', which takes any picture. "
                + "requests[3].image: is a truncated PNG file: its pixel data ends early; send the whole file."));
        }
    }

    [Test]
    public async Task ClassifyAsync_SeveralRequestsRejected_ReportsIndexesInTheList()
    {
        // Rejects images whose first byte is 255; requests without such an image succeed.
        static Task RejectMarkedAsync(ScriptedRequest request, ScriptedReply reply)
        {
            var images = request.Images();
            string errors = string.Join(',', images.Index().Where(image => image.Item[0] == 255)
                .Select(image => $"\"requests[{image.Index}].image\":[\"image {image.Item[1]}\"]"));
            return errors.Length == 0 ? reply.EchoAsync(request) : reply.JsonAsync(422, $"{{\"title\":\"No.\",\"detail\":\"requests[0] is first.\",\"errors\":{{{errors}}}}}");
        }

        int[] marked = [5, 63, 64, 199];
        byte[][] images = [.. Enumerable.Range(0, 200).Select(i => new[] { marked.Contains(i) ? (byte)255 : (byte)0, (byte)i })];

        var failure = await FailureAsync(RejectMarkedAsync, images);

        Assert.That(failure.ImageErrors.Keys, Is.EquivalentTo(marked));
        Assert.That(failure.ImageErrors.Select(error => error.Value.Single()), Is.EqualTo(failure.ImageErrors.Keys.Select(index => $"image {index}")));
        Assert.That(failure.Message, Does.Contain("And 1 more."));
        Assert.That(failure.Detail, Is.EqualTo("requests[0] is first. requests[64] is first. requests[192] is first."));
    }

    [Test]
    public async Task ClassifyAsync_OneRequestFails_StopsTheOthers()
    {
        await using var server = new ScriptedServer((request, reply) => request.Number == 0 ? reply.JsonAsync(500, "{}") : reply.EchoAsync(request));
        using var factory = new ClientFactory(server.Address, options => options.MaxImagesPerRequest = 1);

        var failure = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([.. Enumerable.Repeat(new byte[] { 1 }, 500)]));

        Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(server.Requests, Has.Count.LessThan(500));
    }

    [TestCase(400, "")]
    [TestCase(404, "<html>not here</html>")]
    [TestCase(413, "null")]
    [TestCase(415, "[1,2]")]
    [TestCase(422, "{\"errors\":{\"requests[0].image\":null,\"requests[00].image\":[\"x\",null],\"requests[99999999999].image\":[\"y\"],\"in requests[0]\":[\"z\"]}}")]
    [TestCase(500, "{\"errors\":\"all wrong\"}")]
    public async Task ClassifyAsync_InvalidProblemDetails_ReportsTheStatus(int status, string body)
    {
        var failure = await FailureAsync((_, reply) => reply.JsonAsync(status, body), [[1]]);

        Assert.That(failure.StatusCode, Is.EqualTo((HttpStatusCode)status));
        Assert.That(failure.Message, Does.Contain($"answered {status} "));
        Assert.That(failure.ImageErrors, Is.Empty);
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{}")]
    [TestCase("<!doctype html>")]
    [TestCase("{\"responses\":null}")]
    [TestCase("{\"responses\":[null]}")]
    [TestCase("{\"responses\":[{\"class\":1}]}")]
    [TestCase("{\"responses\":[{\"probability\":0.5}]}")]
    [TestCase("{\"responses\":[{\"class\":10,\"probability\":0.5}]}")]
    [TestCase("{\"responses\":[{\"class\":-1,\"probability\":0.5}]}")]
    [TestCase("{\"responses\":[{\"class\":1,\"probability\":1.5}]}")]
    [TestCase("{\"responses\":[{\"class\":1,\"probability\":-0.5}]}")]
    [TestCase("{\"responses\":[{\"class\":\"1\",\"probability\":0.5}]}")]
    [TestCase("{\"responses\":[{\"class\":1,\"probability\":1e999}]}")]
    [TestCase("{\"responses\":[{\"class\":1,\"probability\":0.5}")]
    [TestCase("{\"responses\":[]}")]
    [TestCase("{\"responses\":[{\"class\":1,\"probability\":0.5},{\"class\":1,\"probability\":0.5}]}")]
    public async Task ClassifyAsync_InvalidResponse_Throws(string body)
    {
        var failure = await FailureAsync((_, reply) => reply.JsonAsync(200, body), [[1]]);

        Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(failure.Message, Does.Contain("no classification"));
    }

    [TestCase("")]
    [TestCase(",\"probabilities\":null")]
    [TestCase(",\"probabilities\":[0.5,0.5]")]
    [TestCase(",\"probabilities\":[0,0,0,0,0,0,0,0,0,2]")]
    public async Task ClassifyAsync_InvalidProbabilities_Throws(string member)
    {
        await using var server = new ScriptedServer((_, reply) => reply.JsonAsync(200, $"{{\"responses\":[{{\"class\":1,\"probability\":0.5{member}}}]}}"));
        using var factory = new ClientFactory(server.Address);

        await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([[1]], probabilities: true));
    }

    [Test]
    public async Task ClassifyAsync_MutatedProblemDetails_ThrowMnistClientException()
    {
        byte[] original = Encoding.UTF8.GetBytes(ContractSample.Read("problem-invalid-image.json"));
        var random = new Random(1);
        await using var server = new ScriptedServer((request, reply) =>
        {
            byte[] body = [.. original];
            body[random.Next(body.Length)] = (byte)random.Next(256);
            byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 422 No\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
            return reply.RawAsync(head.Concat(body).ToArray());
        });
        using var factory = new ClientFactory(server.Address);

        for (int i = 0; i < 300; i++)
        {
            await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([1]));
        }
    }

    [TestCase("Content-Length: 9999999999\r\n\r\n")]
    [TestCase("\r\n")]
    public async Task ClassifyAsync_HugeResponse_IsNotReadCompletely(string headers)
    {
        int sent = 0;
        var failure = await FailureAsync(
            async (_, reply) =>
            {
                await reply.RawAsync($"HTTP/1.1 200 OK\r\n{headers}");
                byte[] megabyte = new byte[1024 * 1024];
                for (; sent < 1024; sent++)
                {
                    await reply.RawAsync(megabyte);
                }
            },
            [[1]]);

        Assert.That(failure.Message, Does.Contain("larger than the client accepts"));
        Assert.That(sent, Is.LessThan(64), "megabytes sent");
    }

    [Test]
    public async Task ClassifyAsync_Redirect_IsNotFollowed()
    {
        await using var elsewhere = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        var failure = await FailureAsync((_, reply) => reply.JsonAsync(307, "", $"Location: {elsewhere.Address}"), [[1]]);

        Assert.That(elsewhere.Requests, Is.Empty);
        Assert.That(failure.StatusCode, Is.EqualTo(HttpStatusCode.TemporaryRedirect));
        Assert.That(failure.Message, Does.Contain($"redirects to {elsewhere.Address}"));
    }

    [Test]
    public async Task ClassifyAsync_ImagesTooLarge_AreReportedAndNotSent()
    {
        await using var server = new ScriptedServer((request, reply) => reply.EchoAsync(request));
        using var factory = new ClientFactory(server.Address);

        var list = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync([new byte[16384], new byte[16385], new byte[100_000]]));
        var stream = await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(new MemoryStream(new byte[16385])));

        Assert.That(list.ImageErrors.Keys, Is.EquivalentTo([1, 2]));
        Assert.That(stream.ImageErrors.Keys, Is.EquivalentTo([0]));
        Assert.That(server.Requests, Is.Empty);
    }

    private static async Task<MnistClientException> FailureAsync(Func<ScriptedRequest, ScriptedReply, Task> script, byte[][] images)
    {
        await using var server = new ScriptedServer(script);
        using var factory = new ClientFactory(server.Address);
        return (await Assert.ThrowsAsync<MnistClientException>(() => factory.Client.ClassifyAsync(images)))!;
    }
}
