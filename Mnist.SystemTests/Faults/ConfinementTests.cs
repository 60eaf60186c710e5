using System.Diagnostics;
using System.Net;
using System.Text;
using Mnist.Api.Controllers;
using Mnist.LoadTesting;
using Mnist.SystemTests.Load;

namespace Mnist.SystemTests.Faults;

/// <summary>The server without privileges, with little memory, on a full disk, and with a missing library.</summary>
[Platform(Include = "Linux", Reason = "needs namespaces")]
[CancelAfter(120_000)]
public sealed class ConfinementTests
{
    private const int Nobody = 65534;

    /// <summary>
    /// Replaces itself by the server on a read-only file system, as an unprivileged user. $1: an empty folder. The environment holds only the hardware
    /// switches, because another vector width without FMA gives other bits.
    /// </summary>
    private const string Confined = """
        set -e
        root=$1
        mount -t tmpfs none "$root"
        mkdir "$root/app" "$root/dotnet"
        mount --bind "$(dirname "$3")" "$root/app"
        mount --bind "$(dirname "$(readlink -f "$(command -v "$2")")")" "$root/dotnet"
        while read -r _ _ _ _ folder _; do
            case $folder in /proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$(printf %b "$folder")" ;; esac
        done < <(cat /proc/self/mountinfo)
        assembly=$root/app/$(basename "$3")
        shift 3
        cd /
        mapfile -t switches < <(env | grep ^DOTNET_Enable)
        exec env -i "${switches[@]}" DOTNET_EnableDiagnostics=0 setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs \
            "$root/dotnet/dotnet" "$assembly" "$@"
        """;

    /// <summary>Replaces itself by the server with its standard output in a file on a file system of 64 KiB. $1: an empty folder.</summary>
    private const string SmallDisk = """
        set -e
        mount -t tmpfs -o size=64k none "$1"
        log=$1/log
        shift
        exec "$@" > "$log"
        """;

    private const int LittleMebibytes = 256;

    /// <summary>Replaces itself by the server in a control group (version 1 or 2) with a memory limit. $1: name of the group, $2: MiB.</summary>
    private const string LittleMemory = """
        set -e
        if [ -d /sys/fs/cgroup/memory ]; then
            group=/sys/fs/cgroup/memory/$1 limit=memory.limit_in_bytes
        else
            group=/sys/fs/cgroup/$1 limit=memory.max
            echo +memory > /sys/fs/cgroup/cgroup.subtree_control
        fi
        mkdir "$group"
        echo "$2M" > "$group/$limit"
        echo $$ > "$group/cgroup.procs"
        shift 2
        exec "$@"
        """;

    private static readonly Lazy<KnownDigits> LazyDigits = new(() => KnownDigits.OfRandomWeights(20));

    [Test]
    public async Task Server_UnprivilegedOnAReadOnlyFileSystem_Serves(CancellationToken cancellationToken)
    {
        RequireMounts();
        RequiredProgram.Check("setpriv", "--version");
        using var folder = new TemporaryFolder();
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(
            ["unshare", "--mount", "bash", "-c", Confined, "bash", folder.Path], address.ToString(),
            $"--Mnist:WeightsPath={folder.Path}/app/{Path.GetFileName(RandomWeights.Path)}", "--Mnist:MaxSelfTestErrors=20", "--Mnist:DrainDelay=0");
        await server.WaitUntilReadyAsync(address, cancellationToken);

        string status = await File.ReadAllTextAsync($"/proc/{server.Id}/status", cancellationToken);
        Assert.That(status, Does.Contain($"Uid:\t{Nobody}\t{Nobody}\t{Nobody}\t{Nobody}").And.Contain("NoNewPrivs:\t1"));
        Assert.That(status, Does.Match("CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\nCapAmb:\t0+\n"));
        string[] writable =
        [
            .. (await File.ReadAllLinesAsync($"/proc/{server.Id}/mountinfo", cancellationToken)).Select(line => line.Split(' '))
                .Where(mount => mount[5].Split(',').Contains("rw")).Select(mount => mount[4]),
        ];
        Assert.That(writable, Is.All.Match("^/(proc|sys|dev)"), "only the kernel's own file systems are writable");
        await AssertServesAsync(address, cancellationToken);

        server.Signal("TERM");
        var (exitCode, error) = await server.ExitAsync(cancellationToken);
        Assert.That(exitCode, Is.Zero, error);
        Assert.That(error, Is.Empty);
    }

    [Test]
    public async Task Server_WithLittleMemory_SurvivesAnOverload(CancellationToken cancellationToken)
    {
        const int Digits = 64;
        string group = $"mnist-{Environment.ProcessId}";
        RequireControlGroups(group);
        var end = new IPEndPoint(IPAddress.Loopback, ServerProcess.FreePort());
        var address = new Uri($"http://{end}");
        try
        {
            using var server = ServerProcess.StartUnder(
                ["bash", "-c", LittleMemory, "bash", group, $"{LittleMebibytes}"], address.ToString(), [.. RandomWeights.Arguments, "--Serilog:MinimumLevel:Default=Warning"]);
            await server.WaitUntilReadyAsync(address, cancellationToken);
            var digits = KnownDigits.OfRandomWeights(Digits);
            byte[] request = digits.Request(Enumerable.Range(0, Digits));
            byte[] answer = Encoding.ASCII.GetBytes(digits.Answer(Enumerable.Range(0, Digits)));
            using var generator = new LoadGenerator(end, [request], [answer], connections: 400) { SharesCore = true };
            double seconds = LongRun.Count(quick: 2, full: 60);
            var outcome = await Task.Factory.StartNew(
                () => generator.RunClosed(seconds, cancellationToken).RequireCorrect(), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

            LongRun.Report($"{outcome.InTime} requests answered, {outcome.Rejected} rejected within {LittleMebibytes} MiB; {server.ResidentMebibytes:0} MiB resident");
            Assert.That(outcome.InTime, Is.Positive);
            Assert.That(outcome.Rejected, Is.Positive, "400 clients exceed the in-flight limit");
            await AssertServesAsync(address, cancellationToken);
            server.Signal("INT");
            await server.ExitAsync(cancellationToken);
        }
        finally
        {
            RemoveControlGroup(group);
        }
    }

    [Test]
    public async Task Log_OnAFullDisk_IsDroppedAndResumesWhenThereIsSpace(CancellationToken cancellationToken)
    {
        const int Block = 4096;
        RequireMounts();
        using var folder = new TemporaryFolder();
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        using var server = ServerProcess.StartUnder(
            ["unshare", "--mount", "bash", "-c", SmallDisk, "bash", folder.Path], address.ToString(), [.. RandomWeights.Arguments, "--Mnist:DrainDelay=0"]);
        await server.WaitUntilReadyAsync(address, cancellationToken);
        string log = $"/proc/{server.Id}/root{folder.PathOf("log")}";
        int requests = LongRun.Count(quick: 500, full: 20_000);
        var load = new MixedLoad(address, LazyDigits.Value);
        await load.RunAsync(requests, 4, cancellationToken);
        long full = new FileInfo(log).Length;
        await File.WriteAllTextAsync(log, string.Empty, cancellationToken);
        await load.RunAsync(100, 4, cancellationToken);

        Assert.That(load.Mismatches + load.Unanswered, Is.Zero, load.FirstMismatch);
        Assert.That(full, Is.GreaterThan(64 * 1024 - Block), "the disk must be full");
        Assert.That(() => Encoding.ASCII.GetString(File.ReadAllBytes(log)), Does.Contain("responded").After(5000, 100));
        server.Signal("TERM");
        Assert.That((await server.ExitAsync(cancellationToken)).ExitCode, Is.Zero);
        LongRun.Report($"{requests} requests on a full disk, {load.Mismatches + load.Unanswered} wrong or missing answers");
    }

    [Test]
    public async Task Start_WithAMissingLibrary_ExitsWith70AndOneLine(CancellationToken cancellationToken)
    {
        const string Missing = "libSkiaSharp.so";
        using var folder = new TemporaryFolder();
        string assembly = typeof(ClassifyController).Assembly.Location;
        CopyWithout(Path.GetDirectoryName(assembly)!, folder.Path, Missing);
        using var server = ServerProcess.StartCopy(
            folder.PathOf(Path.GetFileName(assembly)), $"http://127.0.0.1:{ServerProcess.FreePort()}", [.. RandomWeights.Arguments]);
        var (exitCode, error) = await server.ExitAsync(cancellationToken);

        Assert.That(exitCode, Is.EqualTo(70), error);
        Assert.That(error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), error);
        Assert.That(error, Does.StartWith("Mnist.Api cannot start: ").And.Contain("libSkiaSharp"));
    }

    /// <summary>The application's own files are copied, so that the runtime finds it in the new folder; the others are linked.</summary>
    private static void CopyWithout(string source, string target, string missing)
    {
        foreach (string path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != missing))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetFileName(path).StartsWith("Mnist.Api.", StringComparison.Ordinal))
            {
                File.Copy(path, copy);
            }
            else
            {
                File.CreateSymbolicLink(copy, path);
            }
        }
    }

    private static async Task AssertServesAsync(Uri address, CancellationToken cancellationToken)
    {
        var load = new MixedLoad(address, LazyDigits.Value);
        await load.RunAsync(200, 4, cancellationToken);
        Assert.That(load.Mismatches + load.Unanswered, Is.Zero, load.FirstMismatch);
        Assert.That(load.Right, Is.Positive);
    }

    private static void RequireMounts()
    {
        using var mount = Process.Start(new ProcessStartInfo("bash", ["-c", "unshare --mount mount -t tmpfs none /tmp"]) { RedirectStandardError = true })!;
        string error = mount.StandardError.ReadToEnd();
        mount.WaitForExit();
        if (mount.ExitCode != 0)
        {
            Assert.Ignore($"needs the privilege to mount in a new namespace: {error.Trim()}");
        }
    }

    private static void RequireControlGroups(string name)
    {
        using var shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", LittleMemory, "bash", name, $"{LittleMebibytes}", "true"]) { RedirectStandardError = true })!;
        string error = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        RemoveControlGroup(name);
        if (shell.ExitCode != 0)
        {
            Assert.Ignore($"needs the privilege to create a control group: {error.Trim()}");
        }
    }

    private static void RemoveControlGroup(string name)
    {
        using var rmdir = Process.Start(new ProcessStartInfo("rmdir", [$"/sys/fs/cgroup/memory/{name}", $"/sys/fs/cgroup/{name}"]) { RedirectStandardError = true })!;
        rmdir.WaitForExit();
    }
}
