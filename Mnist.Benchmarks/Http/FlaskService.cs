using Mnist.Benchmarks.Measuring;
using Mnist.Inference.Model;

namespace Mnist.Benchmarks.Http;

/// <summary>The same service with Flask, Pillow and PyTorch; see <c>peers/service.py</c>.</summary>
internal static class FlaskService
{
    private const string Gunicorn = "/usr/bin/gunicorn";

    private static readonly string[] Modules = ["torch", "flask", "PIL", "gunicorn"];

    /// <summary>Starts the service, or prints why it cannot.</summary>
    /// <returns>Null if a module is not installed.</returns>
    public static BenchmarkServer? TryStart(NetworkWeights weights, TextWriter output)
    {
        string[] missing = [.. Modules.Where(module => !TorchProcess.HasModule(module))];
        if (missing.Length > 0)
        {
            output.WriteLine($"Flask is skipped: Python has no module {string.Join(", ", missing)} (on Debian: apt-get install python3-torch python3-flask python3-pil gunicorn).");
            return null;
        }

        string file = Path.GetTempFileName();
        weights.Save(file);
        try
        {
            string peers = Path.Combine(AppContext.BaseDirectory, "peers");
            var server = BenchmarkServer.Start(
                Gunicorn, "--chdir", peers, "--bind", "127.0.0.1:{port}", "--workers", "1", "--threads", "4", "--keep-alive", "60", "--log-level", "error", $"service:create('{file}')");
            server.WaitUntilReady();
            return server;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
