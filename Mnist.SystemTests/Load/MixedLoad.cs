using System.Net.Sockets;

namespace Mnist.SystemTests.Load;

/// <summary>
/// Many connections, each with one request after another: valid requests of 1 to 64 images, invalid requests, and requests that the client aborts.
/// Every answer is compared with the expected one, to the last bit.
/// </summary>
internal sealed class MixedLoad(Uri address, KnownDigits digits)
{
    private const int MaxImages = 64;

    private static readonly BadRequest[] Bad =
    [
        BadRequest.OfBody("no JSON", "{", 400),
        BadRequest.OfBody("no image", MnistServer.Body("AAAA"), 422),
        BadRequest.Of("unknown path", $"GET /nothing HTTP/1.1\r\n{BadRequest.Host}\r\n", 404),
        BadRequest.Of("missing content type", $"{BadRequest.Post}{BadRequest.Length(2)}\r\n{{}}", 415),
    ];

    private int _left;
    private long _right;
    private long _images;
    private long _mismatches;
    private long _refused;
    private long _aborted;
    private long _unanswered;

    /// <summary>Requests with the expected answer.</summary>
    public long Right => Interlocked.Read(ref _right);

    /// <summary>Images in these.</summary>
    public long Images => Interlocked.Read(ref _images);

    /// <summary>Wrong answers.</summary>
    public long Mismatches => Interlocked.Read(ref _mismatches);

    /// <summary>Answers with 503.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Requests that the client aborted.</summary>
    public long Aborted => Interlocked.Read(ref _aborted);

    /// <summary>Requests without an answer: the connection failed or was closed.</summary>
    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <summary>Share of invalid requests.</summary>
    public double BadShare { get; init; } = 0.1;

    /// <summary>Share of aborted requests.</summary>
    public double AbortedShare { get; init; } = 0.05;

    /// <summary>The first wrong answer, and the expected one.</summary>
    public string? FirstMismatch { get; private set; }

    /// <param name="requests">Total number of requests.</param>
    /// <param name="connections">Number of connections.</param>
    /// <param name="cancellationToken">Ends the load; requests in flight are not counted.</param>
    public Task RunAsync(int requests, int connections, CancellationToken cancellationToken)
    {
        _left = requests;
        return Task.WhenAll(Enumerable.Range(0, connections).Select(seed => Task.Run(() => SendAllAsync(new Random(seed), cancellationToken), CancellationToken.None)));
    }

    /// <summary>Ends every connection after its request in flight.</summary>
    public void Stop() => Interlocked.Exchange(ref _left, 0);

    private async Task SendAllAsync(Random random, CancellationToken cancellationToken)
    {
        WireConnection? connection = null;
        try
        {
            while (Interlocked.Decrement(ref _left) >= 0)
            {
                bool isKept = false;
                try
                {
                    connection ??= await WireConnection.OpenAsync(address, cancellationToken);
                    isKept = await SendAsync(connection, random, cancellationToken);
                }
                catch (Exception exception) when (exception is SocketException or IOException)
                {
                    Interlocked.Increment(ref _unanswered);
                    await Task.Delay(10, cancellationToken);
                }

                if (!isKept && connection is not null)
                {
                    await connection.DisposeAsync();
                    connection = null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The caller ended the load.
        }
        finally
        {
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <returns>Whether the connection is still open.</returns>
    private async Task<bool> SendAsync(WireConnection connection, Random random, CancellationToken cancellationToken)
    {
        double kind = random.NextDouble();
        if (kind < BadShare)
        {
            var bad = Bad[random.Next(Bad.Length)];
            await connection.SendAsync(bad.Bytes, cancellationToken);
            return Check(await connection.ReadAsync(cancellationToken), bad.Status, expected: null, images: 0);
        }

        int[] chosen = random.GetItems(Enumerable.Range(0, digits.Count).ToArray(), ImageCount(random));
        byte[] request = digits.Request(chosen);
        if (kind < BadShare + AbortedShare)
        {
            await connection.SendAsync(request.AsMemory(0, random.Next(request.Length + 1)), cancellationToken);
            await Task.Delay(random.Next(3), cancellationToken);
            connection.Abort();
            Interlocked.Increment(ref _aborted);
            return false;
        }

        await connection.SendAsync(request, cancellationToken);
        return Check(await connection.ReadAsync(cancellationToken), 200, digits.Answer(chosen), chosen.Length);
    }

    private static int ImageCount(Random random) => random.Next(100) switch
    {
        < 80 => 1,
        < 97 => random.Next(2, 9),
        _ => random.Next(9, MaxImages + 1),
    };

    private bool Check(WireAnswer? answer, int status, string? expected, int images)
    {
        if (answer is null)
        {
            Interlocked.Increment(ref _unanswered);
            return false;
        }

        if (answer.Status == 503)
        {
            Interlocked.Increment(ref _refused);
        }
        else if (answer.Status == status && (expected is null || answer.Text == expected))
        {
            Interlocked.Increment(ref _right);
            Interlocked.Add(ref _images, images);
        }
        else
        {
            Interlocked.Increment(ref _mismatches);
            FirstMismatch ??= $"{answer.Head}{answer.Text}\nexpected {status} {expected}";
        }

        return !answer.Closes;
    }
}
