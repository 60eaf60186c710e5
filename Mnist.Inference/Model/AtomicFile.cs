namespace Mnist.Inference.Model;

/// <summary>Writes files atomically.</summary>
public static class AtomicFile
{
    /// <summary>Writes a temporary file beside the target and renames it: a reader, or the next start after a power cut, never sees a partial file.</summary>
    /// <param name="path">The target.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <exception cref="IOException">The file cannot be written, or it exists and may not be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static void Write(string path, byte[] content, bool overwrite)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            {
                stream.Write(content);

                // The rename must not reach the disk before the content does.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && exception.Message.Contains(temporary, StringComparison.Ordinal))
        {
            // Callers know the target, not the temporary file.
            string message = exception.Message.Replace(temporary, path, StringComparison.Ordinal);
            throw exception is IOException ? new IOException(message, exception) : new UnauthorizedAccessException(message, exception);
        }
        finally
        {
            // Deleting in a missing folder would throw and hide the first exception.
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}
