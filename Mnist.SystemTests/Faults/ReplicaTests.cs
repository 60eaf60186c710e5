using System.Diagnostics;
using System.Net.Sockets;
using Mnist.SystemTests.Load;

namespace Mnist.SystemTests.Faults;

/// <summary>Three replicas behind a load balancer, of which one at a time is killed or stopped: no classification fails.</summary>
[Platform(Include = "Linux", Reason = "needs signals, HAProxy and nginx")]
public sealed class ReplicaTests
{
    private const int Replicas = 3;

    /// <summary>A retry needs the whole request in one buffer; bodies of this load have at most 64 images, 60 KiB.</summary>
    private const string HaproxyConfiguration = """
        global
            tune.bufsize 131072
        defaults
            mode http
            timeout connect 1s
            timeout client 10s
            timeout server 5s
            option http-buffer-request
            option redispatch 1
            retries 3
            retry-on conn-failure empty-response response-timeout 503
        frontend service
            bind 127.0.0.1:{0}
            default_backend replicas
        backend replicas
            option httpchk GET /health/ready
            http-check send hdr Host localhost
            default-server check inter 200ms fall 1 rise 1
            server a 127.0.0.1:{1}
            server b 127.0.0.1:{2}
            server c 127.0.0.1:{3}
        """;

    private const string NginxConfiguration = """
        daemon off;
        pid nginx.pid;
        events {{ }}
        http {{
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            client_body_buffer_size 256k;
            upstream replicas {{
                server 127.0.0.1:{1} max_fails=1 fail_timeout=1s;
                server 127.0.0.1:{2} max_fails=1 fail_timeout=1s;
                server 127.0.0.1:{3} max_fails=1 fail_timeout=1s;
                keepalive 16;
            }}
            server {{
                listen 127.0.0.1:{0};
                location / {{
                    proxy_pass http://replicas;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_connect_timeout 1s;
                    proxy_next_upstream error timeout http_503 non_idempotent;
                    proxy_next_upstream_tries 3;
                }}
            }}
        }}
        """;

    [Test]
    public async Task KilledReplica_BehindHaproxy_FailsNoClassification()
    {
        RequiredProgram.Check("haproxy", "-v");
        await KillReplicasAsync(HaproxyConfiguration, configuration => ["haproxy", "-f", configuration]);
    }

    [Test]
    public async Task KilledReplica_BehindNginx_FailsNoClassification()
    {
        RequiredProgram.Check("nginx", "-v");
        await KillReplicasAsync(NginxConfiguration, configuration => ["nginx", "-p", Path.GetDirectoryName(configuration)!, "-e", "stderr", "-c", configuration]);
    }

    private static async Task KillReplicasAsync(string configuration, Func<string, string[]> command)
    {
        // Alternately SIGKILL and SIGTERM.
        int rounds = LongRun.Count(quick: 2, full: 40);
        using var folder = new TemporaryFolder();
        int[] ports = [.. Enumerable.Range(0, Replicas + 1).Select(_ => ServerProcess.FreePort()).Distinct()];
        string path = folder.Write("balancer.conf", System.Text.Encoding.ASCII.GetBytes(string.Format(null, configuration, [.. ports.Cast<object>()]) + "\n"));
        var replicas = await Task.WhenAll(ports[1..].Select(StartAsync));
        string[] line = command(path);
        using var balancer = Process.Start(new ProcessStartInfo(line[0], line[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

        // It logs every broken connection, and would block on a full pipe.
        balancer.BeginOutputReadLine();
        balancer.BeginErrorReadLine();
        try
        {
            var address = new Uri($"http://127.0.0.1:{ports[0]}");
            await WaitUntilListeningAsync(address);
            var load = new MixedLoad(address, KnownDigits.OfRandomWeights(200)) { AbortedShare = 0 };
            var run = load.RunAsync(int.MaxValue, 16, CancellationToken.None);
            for (int round = 0; round < rounds; round++)
            {
                await ServeAsync(load, 300);
                int victim = round % Replicas;
                replicas[victim].Signal(round % 2 == 0 ? "KILL" : "TERM");
                await ServeAsync(load, 300);
                await replicas[victim].ExitAsync(CancellationToken.None);
                replicas[victim].Dispose();
                replicas[victim] = await StartAsync(ports[victim + 1]);
            }

            load.Stop();
            await run;
            LongRun.Report($"{(rounds + 1) / 2} replicas killed, {rounds / 2} stopped; {load.Right} right answers, {load.Mismatches} wrong, {load.Unanswered} missing, {load.Refused} refused");
            Assert.That(load.Mismatches + load.Unanswered + load.Refused, Is.Zero, load.FirstMismatch);
        }
        finally
        {
            balancer.Kill(entireProcessTree: true);
            Array.ForEach(replicas, replica => replica.Dispose());
        }
    }

    /// <summary>Waits for this many more right answers, or for the first failure.</summary>
    private static async Task ServeAsync(MixedLoad load, int requests)
    {
        long before = load.Right;
        while (load.Right < before + requests && load.Mismatches + load.Unanswered + load.Refused == 0)
        {
            await Task.Delay(10);
        }
    }

    private static async Task<ServerProcess> StartAsync(int port)
    {
        var address = new Uri($"http://127.0.0.1:{port}");
        var replica = ServerProcess.Start(address.ToString(), [.. RandomWeights.Arguments, "--Mnist:DrainDelay=00:00:02", "--Serilog:MinimumLevel:Default=Warning"]);
        await replica.WaitUntilReadyAsync(address, CancellationToken.None);
        return replica;
    }

    private static async Task WaitUntilListeningAsync(Uri address)
    {
        for (int tries = 0; ; tries++)
        {
            try
            {
                await (await WireConnection.OpenAsync(address, CancellationToken.None)).DisposeAsync();
                return;
            }
            catch (SocketException) when (tries < 500)
            {
                await Task.Delay(20);
            }
        }
    }
}
