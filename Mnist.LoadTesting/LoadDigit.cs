namespace Mnist.LoadTesting;

/// <summary>A digit to send.</summary>
/// <param name="File">Its image file.</param>
/// <param name="Label">The true digit; null: unknown.</param>
internal sealed record LoadDigit(byte[] File, int? Label)
{
    private const int ClassCount = 10;

    /// <summary>Twenty digits of the MNIST training set, two per class: those of the service's self-test.</summary>
    public static IReadOnlyList<LoadDigit> Known()
    {
        using var reader = new StreamReader(typeof(LoadDigit).Assembly.GetManifestResourceStream("self-test-digits.txt")!);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, i) => new LoadDigit(Convert.FromBase64String(line), i % ClassCount))];
    }
}
