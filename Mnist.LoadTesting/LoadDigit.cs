namespace Mnist.LoadTesting;

/// <summary>A digit to send.</summary>
/// <param name="File">An image file.</param>
/// <param name="Label">The true digit, where it is known.</param>
internal sealed record LoadDigit(byte[] File, int? Label)
{
    private const int ClassCount = 10;

    /// <summary>Twenty digits of the MNIST training set, two of each class: those with which the service tests itself.</summary>
    public static IReadOnlyList<LoadDigit> Known()
    {
        using var reader = new StreamReader(typeof(LoadDigit).Assembly.GetManifestResourceStream("self-test-digits.txt")!);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, i) => new LoadDigit(Convert.FromBase64String(line), i % ClassCount))];
    }
}
