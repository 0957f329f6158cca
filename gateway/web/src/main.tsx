import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app'
import { followDeliveries } from './pipeline/journeys'
import { rememberUnsent } from './unsent-memory'
import './styles/base.css'
import './styles/login.css'
import './styles/shell.css'
import './styles/messages.css'
import './styles/pipeline.css'

rememberUnsent()
followDeliveries()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
