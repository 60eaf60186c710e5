using System.Globalization;

namespace Mnist.SystemTests.Server;

[CancelAfter(60_000)]
[Platform("Linux")]
public sealed class BatchSchedulingTests
{
    private const int IdlePolicy = 5, BatchPolicy = 3;

    /// <summary>Fields of /proc/PID/task/TID/stat, counted after the name of the thread; proc_pid_stat(5).</summary>
    private const int NiceField = 16, PolicyField = 38;

    private static readonly string[] Names = [".NET Sockets", ".NET TP Worker", ".NET Long Runni"];

    [TestCase("", BatchPolicy, 0)]
    [TestCase("nice -n 5", BatchPolicy, 5)]
    [TestCase("chrt --idle 0", IdlePolicy, 0)]
    public async Task Threads_OfTheServer_UseTheBatchPolicyUnlessOneIsSet(string command, int policy, int nice, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(command.Split(' ', StringSplitOptions.RemoveEmptyEntries), address.ToString(), [.. RandomWeights.Arguments]);
        await server.WaitUntilReadyAsync(address, cancellationToken);

        var threads = Directory.GetDirectories($"/proc/{server.Id}/task").Select(Read).ToLookup(thread => thread.Name, thread => (thread.Policy, thread.Nice));
        foreach (string name in Names)
        {
            Assert.That(threads[name], Is.Not.Empty.And.All.EqualTo((policy, nice)), name);
        }
    }

    private static (string Name, int Policy, int Nice) Read(string thread)
    {
        string stat = File.ReadAllText(Path.Combine(thread, "stat"));
        int name = stat.IndexOf('(', StringComparison.Ordinal) + 1, end = stat.LastIndexOf(')');
        string[] fields = stat[(end + 2)..].Split(' ');
        return (stat[name..end], Number(PolicyField), Number(NiceField));

        int Number(int field) => int.Parse(fields[field], CultureInfo.InvariantCulture);
    }
}
