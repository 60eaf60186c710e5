namespace Mnist.Client;

/// <summary>What to ask the service for, beyond class and probability.</summary>
public sealed record ClassifyOptions
{
    /// <summary>Whether to give the scores of all ten digits: <see cref="Classification.Probabilities"/>.</summary>
    public bool Probabilities { get; init; }

    /// <summary>
    /// Whether the service finds the digit and brings it to 28x28 pixels itself: then an image may have any size up to 12 megapixels and
    /// <see cref="MnistClient.MaxPhotoBytes"/>, any colour and any orientation.
    /// </summary>
    public bool Normalize { get; init; }

    /// <summary>Whether to give what the network saw: <see cref="Classification.Preview"/> and <see cref="Classification.Box"/>.</summary>
    public bool Preview { get; init; }

    /// <summary>Whether to tell which images are no digits: <see cref="Classification.Digit"/> and <see cref="Classification.Reason"/>.</summary>
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
