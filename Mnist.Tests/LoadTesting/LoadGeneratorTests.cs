using System.Net;
using System.Net.Sockets;
using System.Text;
using Mnist.LoadTesting;

namespace Mnist.Tests.LoadTesting;

/// <summary>The generator against a server whose responses each test scripts.</summary>
[CancelAfter(60_000)]
internal sealed class LoadGeneratorTests
{
    private const string Expected = "{}";
    private const double Seconds = 1;
    private const int Requests = 100;

    private static readonly byte[] Request = "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private TcpListener _listener = null!;

    [SetUp]
    public void SetUp()
    {
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
    }

    [TearDown]
    public void TearDown() => _listener.Dispose();

    [Test]
    public void RunOpen_CorrectResponses_AreCounted([Values] bool sharesCore)
    {
        Serve(_ => Respond(200, Expected));

        var outcome = RunOpen(sharesCore);

        Assert.That((outcome.Due, outcome.Rejected, outcome.Lost, outcome.Unanswered), Is.EqualTo((Requests, 0, 0, 0)));
        Assert.That(outcome.Latencies, Has.Count.EqualTo(Requests).And.All.Positive);
    }

    [Test]
    public void RunOpen_ServerStalls_DelaysAllRequestsDueMeanwhile()
    {
        var stall = TimeSpan.FromSeconds(0.5);
        Serve(_ => Respond(200, Expected), number => number == 20 ? stall : TimeSpan.Zero);

        var outcome = RunOpen();

        // Requests are due every 10 ms for one second. Half of them are due during the stall, the first of these half a second before its end.
        Assert.That(outcome.Latencies.Count(latency => latency > stall.TotalSeconds / 2), Is.GreaterThan(Requests / 5));
        Assert.That(outcome.Milliseconds(99), Is.GreaterThan(0.9 * stall.TotalMilliseconds));
    }

    [Test]
    public void RunOpen_RequestDueAtTheEnd_IsSent()
    {
        Serve(_ => Respond(200, Expected));
        using var generator = Generator();

        var outcome = generator.RunOpen([0, 0.1 - 1e-9], seconds: 0.1);

        Assert.That((outcome.Due, outcome.Latencies.Count), Is.EqualTo((2, 2)));
    }

    [Test]
    public void RunOpen_Rejections_AreCounted()
    {
        byte[] explained = "HTTP/1.1 503 X\r\nretry-after: 1\r\nContent-Type: application/problem+json\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
        Serve(number => number % 2 != 0 ? Respond(200, Expected) : number % 4 == 0 ? Respond(503, "") : explained);

        var outcome = RunOpen();

        Assert.That((outcome.Rejected, outcome.Latencies.Count), Is.EqualTo((Requests / 2, Requests / 2)));
        Assert.That(outcome.Unexplained, Is.EqualTo(Requests / 4));
        Assert.That(outcome.RejectionLatencies, Is.All.InRange(0, Seconds + LoadGenerator.TimeoutSeconds));
        Assert.That(outcome.RejectedShare, Is.EqualTo(0.5));
    }

    [Test]
    public void RunOpen_WrongResponses_AreCountedAndTheFirstIsReported()
    {
        Serve(number => number is 5 or 7 ? Respond(200, $"[{number}]") : number == 9 ? Respond(500, "") : Respond(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Wrong, outcome.Statuses[500], outcome.Errors, outcome.Latencies.Count), Is.EqualTo((2, 1, 3, Requests - 3)));
        Assert.That(outcome.RequireCorrect, Throws.TypeOf<InvalidDataException>().With.Message.Contains("'[5]', expected '{}'"));
    }

    [Test]
    public void RunOpen_ClosedConnections_AreCounted()
    {
        Serve(number => number % 10 == 5 ? [] : Respond(200, Expected));

        var outcome = RunOpen();

        Assert.That((outcome.Broken, outcome.Latencies.Count), Is.EqualTo((Requests / 10, Requests * 9 / 10)));
        Assert.That(outcome.FirstError, Does.Contain("closed a connection after 0 bytes"));
    }

    [Test]
    public void RunClosed_Cancelled_EndsAtOnce()
    {
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(0.1));
        Serve(_ => Respond(200, Expected));
        using var generator = Generator();

        Assert.That(() => generator.RunClosed(60, cancelled.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void RunClosed_OneConnection_SendsOneRequestAtATime()
    {
        Serve(_ => Respond(200, Expected), _ => TimeSpan.FromMilliseconds(10));
        using var generator = Generator();

        Assert.That(generator.RunClosed(Seconds).Goodput, Is.InRange(20, 100), "each response takes at least 10 ms");
    }

    private static byte[] Respond(int status, string body) => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n{body}");

    private LoadOutcome RunOpen(bool sharesCore = true)
    {
        using var generator = Generator(sharesCore);
        return generator.RunOpen([.. Enumerable.Range(0, Requests).Select(i => i * Seconds / Requests)], Seconds);
    }

    private LoadGenerator Generator(bool sharesCore = true) =>
        new((IPEndPoint)_listener.LocalEndpoint, [Request], [Encoding.ASCII.GetBytes(Expected)], connections: Requests) { SharesCore = sharesCore };

    /// <summary>
    /// Responds to one request at a time, over all connections, so a stall delays them all. It awaits instead of blocking, because on one core the thread
    /// pool starts with one thread.
    /// </summary>
    private void Serve(Func<int, byte[]> respond, Func<int, TimeSpan>? stall = null)
    {
        int number = 0;
        var gate = new SemaphoreSlim(1);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    await using var stream = connection.GetStream();
                    byte[] buffer = new byte[Request.Length];
                    while (await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false) == buffer.Length)
                    {
                        await gate.WaitAsync();
                        if (stall is not null)
                        {
                            await Task.Delay(stall(number));
                        }

                        byte[] reply = respond(number++);
                        gate.Release();
                        if (reply.Length == 0)
                        {
                            return;
                        }

                        await stream.WriteAsync(reply);
                    }
                });
            }
        });
    }
}
