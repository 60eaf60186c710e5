namespace Mnist.Inference;

/// <summary>A weights file that cannot be used. The message is one line: path, what was found, what was expected.</summary>
public sealed class WeightsException : Exception
{
    public WeightsException()
    {
    }

    public WeightsException(string message)
        : base(message)
    {
    }

    public WeightsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
