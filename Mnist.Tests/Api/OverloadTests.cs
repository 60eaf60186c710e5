using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Mnist.Core.Admission;
using Mnist.Core.Requests;

namespace Mnist.Tests.Api;

/// <summary>Servers whose engine waits, fails or is told to stop.</summary>
[CancelAfter(60_000)]
public sealed class OverloadTests
{
    private readonly ManualResetEventSlim _open = new(true);

    [TearDown]
    public void Open() => _open.Set();

    [OneTimeTearDown]
    public void DisposeGate() => _open.Dispose();

    [Test]
    public async Task Full_RejectsBeforeTheBodyIsReadAndRecovers(CancellationToken cancellationToken)
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:MaxImagesPerRequest", "2"), ("Mnist:MaxImagesInFlight", "2"));
        var admission = server.Services.GetRequiredService<AdmissionControl>();
        _open.Reset();
        var admitted = server.PostAsync(MnistServer.Body(TestDigits.Base64(1), TestDigits.Base64(2)));
        SpinWait.SpinUntil(() => admission.InFlight == 2, TimeSpan.FromSeconds(20));

        // The headers alone: the body is never read.
        await using var stream = await server.ConnectAsync();
        await stream.WriteAsync("POST /mnist/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"u8.ToArray(), cancellationToken);
        byte[] buffer = new byte[4096];
        int count = await stream.ReadAsync(buffer, cancellationToken);
        Assert.That(Encoding.UTF8.GetString(buffer, 0, count), Does.StartWith("HTTP/1.1 503 ").And.Contain("Retry-After: 1"));

        using (var rejected = await server.PostAsync(MnistServer.Body(TestDigits.Base64())))
        {
            await ProblemAssert.IsProblemAsync(rejected, 503, "full");
        }

        using (var health = await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative), cancellationToken))
        {
            Assert.That((int)health.StatusCode, Is.EqualTo(200));
        }

        _open.Set();
        using var answered = await admitted;
        Assert.That(await ProblemAssert.ResponsesAsync(answered), Has.Count.EqualTo(2));
        await server.AssertStillWorksAsync();
        Assert.That(() => admission.InFlight, Is.Zero.After(2000, 10));
    }

    [Test]
    public async Task Full_RejectsBeforeTheKeyIsChecked_OnImagePathsAlone(CancellationToken cancellationToken)
    {
        await using var server = MnistServer.StartWith(
            Forward, ("Mnist:MaxImagesPerRequest", "2"), ("Mnist:MaxImagesInFlight", "2"), ("Mnist:ApiKeys:0:Name", "shop"), ("Mnist:ApiKeys:0:Hash", new string('0', 64)));
        using var lease = server.Services.GetRequiredService<AdmissionControl>().TryAdmit(RequestKind.Digits, bodyLength: null);

        foreach (string path in (string[])["/mnist/classify", "/MNIST/classify?normalize=true", "/mnist/read"])
        {
            using var withoutKey = await server.PostAsync(MnistServer.Body(TestDigits.Base64()), path);
            await ProblemAssert.IsProblemAsync(withoutKey, 503, "full");
        }

        // What TensorFlask's client sends, and a trailing slash.
        foreach (string path in (string[])["//mnist/classify", "/mnist/classify/", "//mnist/read/"])
        {
            using var withoutKey = await server.Client.PostAsync(
                new Uri($"{server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority)}{path}"), MnistServer.Json(MnistServer.Body(TestDigits.Base64())), cancellationToken);
            await ProblemAssert.IsProblemAsync(withoutKey, 503, "full");
        }

        using (var elsewhere = await server.PostAsync(MnistServer.Body(TestDigits.Base64()), "/mnist/elsewhere"))
        {
            await ProblemAssert.IsProblemAsync(elsewhere, 404, "not-found");
        }

        using var asked = await server.Client.GetAsync(new Uri("/mnist/classify", UriKind.Relative), cancellationToken);
        await ProblemAssert.IsProblemAsync(asked, 405, "method-not-allowed");
        using var health = await server.Client.PostAsync(new Uri("/health/live", UriKind.Relative), null, cancellationToken);
        await ProblemAssert.IsProblemAsync(health, 405, "method-not-allowed");
    }

    [Test]
    public async Task LargePhoto_RejectedUnread_GetsItsResponseAndNoReset(CancellationToken cancellationToken)
    {
        const int Length = 3_000_000;
        await using var server = MnistServer.StartWith(Forward, ("Mnist:MaxImagesInFlight", "64"));
        using var lease = server.Services.GetRequiredService<AdmissionControl>().TryAdmit(RequestKind.Digits, bodyLength: null);
        await using var connection = await WireConnection.OpenAsync(server.Client.BaseAddress!, cancellationToken);
        await connection.SendAsync(
            Encoding.ASCII.GetBytes($"POST /mnist/classify?normalize=true HTTP/1.1\r\n{BadRequest.Host}{BadRequest.Json}{BadRequest.Length(Length)}\r\n"), cancellationToken);
        for (int i = 0; i < 10; i++)
        {
            await connection.SendAsync(new byte[Length / 10], cancellationToken);
            await Task.Delay(20, cancellationToken);
        }

        var answer = await connection.ReadAsync(cancellationToken);
        Assert.That(answer?.Status, Is.EqualTo(503));
        Assert.That(answer!.Header("Retry-After"), Is.EqualTo("1"));

        lease!.Dispose();
        await connection.SendAsync(Encoding.ASCII.GetBytes($"GET /health/ready HTTP/1.1\r\n{BadRequest.Host}\r\n"), cancellationToken);
        Assert.That((await connection.ReadAsync(cancellationToken))?.Status, Is.EqualTo(200), "on the same connection");
    }

    [TestCase("/mnist/classify")]
    [TestCase("/mnist/classify?normalize=true")]
    public async Task SlowUploads_LeaveCapacityForOthers(string path, CancellationToken cancellationToken)
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:MaxImagesInFlight", "128"));
        await using var first = await SendSlowlyAsync(path);
        await using var second = await SendSlowlyAsync(MnistServer.Path);
        using (var rejected = await server.PostAsync(MnistServer.Body(TestDigits.Base64())))
        {
            await ProblemAssert.IsProblemAsync(rejected, 503, "full");
        }

        // One of them may stay: half of the capacity.
        var admission = server.Services.GetRequiredService<AdmissionControl>();
        Assert.That(() => admission.InFlight, Is.EqualTo(64).After(4000, 20));
        await server.AssertStillWorksAsync();

        // In the end both get a response, when the body has been too slow.
        int[] statuses = [(await first.ReadAsync(cancellationToken))!.Status, (await second.ReadAsync(cancellationToken))!.Status];
        Assert.That(statuses, Is.EquivalentTo(new[] { 408, 503 }));
        Assert.That(() => admission.InFlight, Is.Zero.After(4000, 20));

        async Task<WireConnection> SendSlowlyAsync(string path)
        {
            var connection = await WireConnection.OpenAsync(server.Client.BaseAddress!, cancellationToken);
            await connection.SendAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\n{BadRequest.Host}{BadRequest.Json}{BadRequest.Chunked}\r\n{BadRequest.Chunk(new string(' ', 3000))}"), cancellationToken);
            await Task.Delay(100, cancellationToken);
            return connection;
        }
    }

    [Test]
    public async Task Draining_FailedRequest_AlsoClosesTheConnection()
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:00.200"));
        server.Services.GetRequiredService<AdmissionControl>().BeginDrain();
        _open.Reset();
        using var late = await server.PostAsync(MnistServer.Body(TestDigits.Base64()));

        _open.Set();
        await ProblemAssert.IsProblemAsync(late, 503, "deadline-passed");
        Assert.That(late.Headers.ConnectionClose, Is.True);
    }

    [Test]
    public async Task DeadlinePassed_Is503()
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:00.200"));
        _open.Reset();
        using (var late = await server.PostAsync(MnistServer.Body(TestDigits.Base64())))
        {
            await ProblemAssert.IsProblemAsync(late, 503, "deadline-passed");
        }

        _open.Set();
        await server.AssertStillWorksAsync();
    }

    [Test]
    public async Task RequestTimeout_LowersTheDeadline()
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:30"));
        _open.Reset();
        var clock = Stopwatch.StartNew();
        using (var late = await PostAsync(server, "0.2"))
        {
            await ProblemAssert.IsProblemAsync(late, 503, "deadline-passed");
        }

        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(15)));
        _open.Set();
        using var inTime = await PostAsync(server, "20");
        Assert.That(await ProblemAssert.ResponsesAsync(inTime), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RequestTimeout_LongerThanTheDeadline_ChangesNothing()
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:00.200"));
        _open.Reset();
        using var late = await PostAsync(server, "79228162514264337593543950335");
        _open.Set();

        await ProblemAssert.IsProblemAsync(late, 503, "deadline-passed");
    }

    [Test]
    public async Task StuckWorker_IsNeitherLiveNorReadyUntilItGoesOn(CancellationToken cancellationToken)
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:00.200"), ("Mnist:StallTimeout", "00:00:00.400"));
        _open.Reset();
        using (var late = await server.PostAsync(MnistServer.Body(TestDigits.Base64())))
        {
            await ProblemAssert.IsProblemAsync(late, 503, "deadline-passed");
        }

        await Task.Delay(400, cancellationToken);
        foreach (string check in (string[])["live", "ready"])
        {
            using var health = await server.Client.GetAsync(new Uri($"/health/{check}", UriKind.Relative), cancellationToken);
            await ProblemAssert.IsProblemAsync(health, 503, "stuck");
        }

        // The other worker may answer before this one has woken.
        _open.Set();
        await server.AssertStillWorksAsync();
        while (await StatusOfAsync("/health/live") != 200)
        {
            await Task.Delay(10, cancellationToken);
        }

        async Task<int> StatusOfAsync(string path)
        {
            using var answer = await server.Client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            return (int)answer.StatusCode;
        }
    }

    [Test]
    public async Task Draining_Is503AndNotReady()
    {
        await using var server = MnistServer.StartWith(Forward);
        server.Services.GetRequiredService<AdmissionControl>().Close();
        using var rejected = await server.PostAsync(MnistServer.Body(TestDigits.Base64()));
        using var ready = await server.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var live = await server.Client.GetAsync(new Uri("/health/live", UriKind.Relative));

        await ProblemAssert.IsProblemAsync(rejected, 503, "draining");
        await ProblemAssert.IsProblemAsync(ready, 503, "draining");
        Assert.That((int)live.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task EngineError_Is500WithoutDetails_AndTheServerGoesOn()
    {
        bool fail = false;
        await using var server = MnistServer.StartWith((images, batchSize, logits) =>
        {
            if (Volatile.Read(ref fail))
            {
                throw new InvalidOperationException("secret");
            }

            logits.Clear();
        });
        Volatile.Write(ref fail, true);
        using (var failed = await server.PostAsync(MnistServer.Body(TestDigits.Base64())))
        {
            await ProblemAssert.IsProblemAsync(failed, 500, "internal-error");
            Assert.That(await failed.Content.ReadAsStringAsync(), Does.Not.Contain("secret").And.Not.Contain("Exception"));
        }

        Volatile.Write(ref fail, false);
        await server.AssertStillWorksAsync();
    }

    [Test]
    public async Task ClientGone_FreesItsCapacity(CancellationToken cancellationToken)
    {
        await using var server = MnistServer.StartWith(Forward, ("Mnist:Deadline", "00:00:30"));
        var admission = server.Services.GetRequiredService<AdmissionControl>();
        _open.Reset();
        using var client = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var call = server.Client.PostAsync(new Uri(MnistServer.Path, UriKind.Relative), MnistServer.Json(MnistServer.Body(TestDigits.Base64())), client.Token);
        SpinWait.SpinUntil(() => admission.InFlight > 0, TimeSpan.FromSeconds(20));
        await client.CancelAsync();

        await Assert.ThatAsync(() => call, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => admission.InFlight, Is.Zero.After(5000, 10));
        _open.Set();
    }

    private static async Task<HttpResponseMessage> PostAsync(MnistServer server, string timeout)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MnistServer.Path) { Content = MnistServer.Json(MnistServer.Body(TestDigits.Base64())) };
        request.Headers.Add("Request-Timeout", timeout);
        return await server.Client.SendAsync(request);
    }

    private void Forward(ReadOnlySpan<float> images, int batchSize, Span<float> logits)
    {
        _open.Wait();
        logits.Clear();
    }
}
