namespace Mnist.Inference.Model;

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

    /// <summary>Reads what a file holds; what is wrong with it is told with its path.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Throws <see cref="InvalidDataException"/> or <see cref="InvalidArchitectureException"/>.</param>
    internal static T Locate<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or InvalidArchitectureException)
        {
            throw new WeightsException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
