namespace Mnist.Client;

/// <summary>Options of a classification. The default requests class and probability of a 28x28 image.</summary>
public sealed record ClassifyOptions
{
    /// <summary>Whether to return the probabilities of all ten digits: <see cref="Classification.Probabilities"/>.</summary>
    public bool Probabilities { get; init; }

    /// <summary>
    /// Whether images are photos: of any colour and orientation, up to 12 megapixels and <see cref="MnistClient.MaxPhotoBytes"/>. The service finds the
    /// digit on each and scales it to 28x28 pixels.
    /// </summary>
    public bool Normalize { get; init; }

    /// <summary>Whether to return the network's input: <see cref="Classification.Preview"/> and <see cref="Classification.Box"/>.</summary>
    public bool Preview { get; init; }

    /// <summary>Whether to detect images that are not digits: <see cref="Classification.Digit"/> and <see cref="Classification.Reason"/>.</summary>
    public bool Reject { get; init; }

    internal string Path
    {
        get
        {
            string[] switches = [.. Switches()];
            return switches.Length == 0 ? "mnist/classify" : $"mnist/classify?{string.Join('&', switches.Select(name => $"{name}=true"))}";
        }
    }

    private IEnumerable<string> Switches()
    {
        if (Probabilities)
        {
            yield return "probabilities";
        }

        if (Normalize)
        {
            yield return "normalize";
        }

        if (Preview)
        {
            yield return "preview";
        }

        if (Reject)
        {
            yield return "reject";
        }
    }
}
