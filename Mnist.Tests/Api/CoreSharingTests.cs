namespace Mnist.Tests.Api;

[CancelAfter(60_000)]
public sealed class CoreSharingTests
{
    private const int BatchPolicy = 3;

    /// <summary>Of /proc/PID/task/TID/stat, counted from behind the thread's name; proc_pid_stat(5).</summary>
    private const int PolicyField = 38;

    [Test]
    [Platform("Linux")]
    public async Task Threads_OfTheServerAndOfTheEngine_KeepACoreForASlice(CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.Start(address.ToString(), "--Mnist:Workers=2");
        await server.WaitUntilReadyAsync(address, cancellationToken);

        var policies = Directory.GetDirectories($"/proc/{server.Id}/task").Select(PolicyOf).ToLookup(thread => thread.Name, thread => thread.Policy);
        Assert.That(policies[".NET Sockets"], Is.Not.Empty.And.All.EqualTo(BatchPolicy), "what reads");
        Assert.That(policies[".NET TP Worker"], Is.Not.Empty.And.All.EqualTo(BatchPolicy), "what answers");
        Assert.That(policies[".NET Long Runni"].Count(), Is.GreaterThanOrEqualTo(2));
        Assert.That(policies[".NET Long Runni"], Is.All.EqualTo(BatchPolicy), "what computes");
    }

    private static (string Name, int Policy) PolicyOf(string thread)
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        int name = stat.IndexOf('(', StringComparison.Ordinal) + 1, end = stat.LastIndexOf(')');
        return (stat[name..end], int.Parse(stat[(end + 2)..].Split(' ')[PolicyField], System.Globalization.CultureInfo.InvariantCulture));
    }
}
